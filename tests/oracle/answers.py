"""A whole answer: beside the rows, the number of groups and the totals, and the values of other date ranges.

Readings, where rule 10 or what is said of comparisons could be read in two ways:

- Totals are those of the query without its dimensions and without filters on measures, which choose groups.
- Rows of several ranges meet by their dimensions, buckets of the compared time by their position in the range. The first range's
  limit, offset and filters on measures choose rows; the values beside them are those of all rows of the other range. Groups of
  other ranges alone follow, as far as the limit leaves room, where nothing was chosen.
- A range that does not hold a group holds no rows of it: its measures there are what rule 5 says of a fact without rows.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.oracle.evaluator import Evaluation, column_of, ordered
from tests.oracle.model import Data, Measure, Model, Query, Row
from tests.oracle.windows import buckets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Key = tuple[Any, ...]
Sides = dict[str, dict[Key, Row]]
"""The rows of the other ranges by their dimensions, under what the names of their columns end with."""


@dataclass(frozen=True)
class Whole:
    """Rows by column; how many there are without limit and offset, and the measures of all, where the query asks for them."""

    rows: list[Row]
    total: int | None = None
    totals: Row | None = None


def answer(model: Model, data: Data, query: Query, security: Mapping[str, str | int] | None = None) -> Whole:
    """The whole answer to a query; raises `Refused` where the contract refuses a part of it."""

    def ask(asked: Query) -> Evaluation:
        return Evaluation.of(model, data, asked, security)

    ranges = list(_ranges(query))
    if len(ranges) > 1:
        return _compared(*map(ask, ranges))
    asked = ask(ranges[0] if ranges else query)
    total = len(ask(_unlimited(query)).rows()) if query.get("total") else None
    return Whole(asked.rows(), total, _totals(asked))


def _unlimited(query: Query) -> Query:
    return {name: part for name, part in query.items() if name != "offset"} | {"limit": sys.maxsize}


def _unchosen(asked: Evaluation) -> Evaluation:
    """The same question about all groups: without limit, offset and filters on measures."""
    return asked.ask(_unlimited(asked.query) | {"filters": _on_rows(asked)})


def _on_rows(asked: Evaluation) -> list[dict[str, Any]]:
    trees = asked.query.get("filters", ())
    return [tree for tree in trees if not any(isinstance(each.member, Measure) for each in asked.named(tree))]


def _totals(asked: Evaluation) -> Row | None:
    """The measures over all rows."""
    query = asked.query
    if not (query.get("totals") and query["measures"]):
        return None
    times = [{k: part for k, part in each.items() if k != "granularity"} for each in query.get("timeDimensions", ())]
    kept: Query = {each: query[each] for each in ("measures", "segments", "timezone", "joinHints") if each in query}
    kept |= {"timeDimensions": [each for each in times if "dateRange" in each], "filters": _on_rows(asked)}
    [row] = asked.ask(kept).rows()
    return row


# Several ranges.


def _ranges(query: Query) -> Iterator[Query]:
    """The query of each range that is compared, of each once."""
    times = query.get("timeDimensions", ())
    for entry in times:
        for span in dict.fromkeys(map(tuple, entry.get("compareDateRange", ()))):
            alone = {key: part for key, part in entry.items() if key != "compareDateRange"} | {"dateRange": list(span)}
            yield query | {"timeDimensions": [alone if each is entry else each for each in times]}


def _compared(first: Evaluation, *others: Evaluation) -> Whole:
    suffixes = [""] if len(others) == 1 else [f"_{number}" for number in range(1, len(others) + 1)]
    columns = [column_of(each) for each in first.shown]

    def keyed(rows: list[Row]) -> dict[Key, Row]:
        return {tuple(row[column] for column in columns): row for row in rows}

    here = keyed(first.rows())
    sides: Sides = {
        suffix: keyed(_moved(_unchosen(other).rows(), first, other))
        for suffix, other in zip(suffixes, others, strict=True)
    }
    rows = [_beside(first, dict(zip(columns, key, strict=True)), row, sides, key) for key, row in here.items()]
    cut = len(first.ask(_unlimited(first.query)).rows()) > first.query.get("offset", 0) + len(here)
    if not (cut or first.query.get("offset") or first.having):
        gone = [key for key in dict.fromkeys(key for side in sides.values() for key in side) if key not in here]
        room = max(first.query.get("limit", 10_000) - len(rows), 0)
        rows += [_beside(first, dict(zip(columns, key, strict=True)), {}, sides, key) for key in gone[:room]]
        if gone[:room]:
            rows = ordered(rows, [each for each in first.order() if each[0] in rows[0]])
    totals = _totals(first)
    if totals is not None:
        found: Sides = {suffix: {(): _totals(each) or {}} for suffix, each in zip(suffixes, others, strict=True)}
        totals = _beside(first, {}, totals, found, ())
    return Whole(rows, None, totals)


def _beside(first: Evaluation, shown: Row, row: Row, sides: Sides, key: Key) -> Row:
    """A row of the first range, or the lack of one, with the values of the others."""

    def value_in(values: Row, name: str) -> Any:
        return values[name] if values else first.value_of_nothing(first.resolve(name))

    for name in first.query["measures"]:
        value = shown[name] = value_in(row, name)
        for suffix, side in sides.items():
            other = value_in(side.get(key, {}), name)
            known = isinstance(value, int | float) and isinstance(other, int | float)
            delta = value - other if known else None
            shown[f"{name}.previous{suffix}"] = other
            shown[f"{name}.delta{suffix}"] = delta
            shown[f"{name}.percent{suffix}"] = delta / abs(other) if delta is not None and other else None
    return shown


def _moved(rows: list[Row], first: Evaluation, other: Evaluation) -> list[Row]:
    """Rows of another range as they stand beside those of the first; what lies in buckets beyond that is left out."""
    for column, reference in {column_of(each): each for each in other.dimensions}.items():
        if reference.granularity and replace(reference, granularity=None, name="") == replace(
            other.clock.time, name=""
        ):
            ours, theirs = (list(buckets(each.clock.range, reference.granularity)) for each in (first, other))
            places = {start: mine for (start, _), (mine, _) in zip(theirs, ours, strict=False)}
            rows = [row | {column: places[row[column]]} for row in rows if row[column] in places]
    return rows
