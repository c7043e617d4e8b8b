"""Random rows for the tables of a shape: few of each, with all that makes joins go wrong."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tests.oracle.builders import foreign_columns, key_columns
from tests.oracle.times import Day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.oracle.builders import Link
    from tests.oracle.model import Data, Row
    from tests.oracle.shapes import Shape
    from tests.oracle.tape import Tape

Key = tuple[int | None, ...]

MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2025-01-01 00:00:00",
        "2024-12-31 23:59:59",
        "2024-12-29 12:00:00",
        "2024-12-30 00:00:00",
        "2025-01-05 23:59:59",
        "2025-03-31 10:20:30",
        "2025-04-01 00:00:00",
        "2024-02-29 08:00:00",
        "2025-03-30 00:30:00",
        "2025-03-30 01:00:00",
        "2024-11-03 05:30:00",
        "2024-11-03 06:30:00",
    )
)
DAYS = tuple(Day(moment.year, moment.month, moment.day) for moment in MOMENTS[:8])
LABELS = ("a", "b", "B", "é", "", "a_b", "50%", "Z'z", None)
ORPHAN = 99

MOST_ROWS = 6
BYTES_OF_ROW = 15


def random_rows(tape: Tape, shape: Shape, links: Sequence[Link], composites: Mapping[str, bool]) -> Data:
    """Rows for every table: null and orphaned foreign keys, equal labels, nulls, and tables without rows."""
    tapes = {shape.table(cube): [tape.part(BYTES_OF_ROW) for _ in range(MOST_ROWS)] for cube in shape.cubes}
    tapes = {table: [row for row in rows if row.one_of((False, True, True, True))] for table, rows in tapes.items()}
    data: Data = {table: [_plain(row) for row in rows] for table, rows in tapes.items()}
    keys: dict[str, list[Key]] = {}
    for cube in shape.cubes:
        rows = data[shape.table(cube)]
        keys[cube] = [_key(number, composites[cube]) for number in range(len(rows))]
        for row, key in zip(rows, keys[cube], strict=True):
            row |= dict(zip(key_columns(composites[cube]), key, strict=True))
    for link in links:
        table = shape.table(link.edge.child)
        _point(tapes[table], data[table], link, composites[link.edge.parent], keys[link.edge.parent])
    return data


def _plain(tape: Tape) -> Row:
    return {
        "label": tape.one_of(LABELS),
        "amount": tape.one_of((0, 1, 2, 5, -3, None)),
        "rate": tape.one_of((0.5, 0.0, -1.5, 2.25, None)),
        "flag": tape.one_of((True, False, None)),
        "happened_at": tape.one_of((*MOMENTS, None)),
        "tenant": tape.one_of((1, 1, 2, None)),
        "day_on": tape.one_of((*DAYS, None)),
    }


def _key(number: int, composite: bool) -> Key:
    return (number // 2 + 1, number % 2 + 1) if composite else (number + 1,)


def _point(tapes: list[Tape], children: list[Row], link: Link, composite: bool, parents: list[Key]) -> None:
    """Gives each child the key of a parent, of none, or of one that does not exist."""
    columns = foreign_columns(link.edge.parent, composite)
    nowhere: list[Key] = [(None,) * len(columns)]
    if not link.enforced:
        nowhere.append((ORPHAN,) * len(columns))
    if composite:
        nowhere.append((1, None))
    taken: set[Key] = set()
    for tape, child in zip(tapes, children, strict=True):
        key = tape.one_of([*parents, *parents, *nowhere])
        if link.edge.one_to_one and key in taken:
            key = nowhere[0]
        taken.add(key)
        child |= dict(zip(columns, key, strict=True))
