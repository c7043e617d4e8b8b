"""One table of what several date ranges hold: to each metric its value in the others, the difference and the change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.plan.notes import joined_words
from engine.query.description import Describer, range_data, range_words
from engine.sql.statement import ResultColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.execute.periods import PartialPeriod
    from engine.execute.result import Result
    from engine.plan.plan import Plan
    from engine.query.resolved import ResolvedQuery, ResolvedRange

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one range holds that is compared with: its rows under the keys of the first range's rows.

    `suffix` ends the names of its columns; `unmatched` counts its rows in buckets that the first range does not reach; `partial`
    are the buckets that it holds a part of.
    """

    suffix: str
    range: ResolvedRange
    rows: dict[Row, Row]
    unmatched: int
    totals: Row | None
    partial: tuple[PartialPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """The answer of the first range and what the earlier ones hold, on the way to one table.

    `absent` are the values of a group that a range does not hold (DESIGN rule 5).
    """

    current: Result
    earlier: Sequence[Earlier]
    absent: Row
    plan: Plan
    resolved: ResolvedQuery
    index: int

    def result(self, seconds: float) -> Result:
        """The answer with all ranges; `seconds` is what all of them took."""
        current, count = self.current, len(self.plan.groups)
        rows = [self._row(row[:count], row[count:]) for row in current.rows]
        gone = [] if self._chosen() else self._gone()
        room = max(self.resolved.shape.limit - len(rows), 0)
        if gone[:room]:
            rows = self._ordered([*rows, *(self._row(key, self.absent) for key in gone[:room])])
        kept = current.total_rows
        return replace(
            current,
            columns=(*current.columns[:count], *self._columns()),
            rows=tuple(rows),
            notes=(*current.notes, *self._notes(len(gone) - len(rows) + len(current.rows))),
            query={**current.query, "compared_with": [range_data(each.range) for each in self.earlier]},
            total_rows=kept if kept is None or current.cut else max(kept, len(rows)),
            totals=self._totals(),
            seconds=seconds,
            account=replace(
                current.account,
                explanation=self._explanation(),
                replay=self._replay(),
                partial=(*current.account.partial, *(period for each in self.earlier for period in each.partial)),
            ),
        )

    def _columns(self) -> Iterator[ResultColumn]:
        for column in self.current.columns[len(self.plan.groups) :]:
            yield column
            for each in self.earlier:
                words = range_words(each.range)
                yield replace(column, member=f"{column.member}.previous{each.suffix}", title=f"{column.title} {words}")
                yield replace(
                    column,
                    member=f"{column.member}.delta{each.suffix}",
                    title=f"{column.title}, difference",
                    unit="percentage points" if column.format == "percent" else column.unit,
                )
                yield ResultColumn(
                    f"{column.member}.percent{each.suffix}",
                    "number",
                    "measure",
                    title=f"{column.title}, change",
                    format="percent",
                    additive=False,
                    why_not_additive="it is computed from the values of two ranges",
                )

    def _row(self, key: Row, values: Row) -> Row:
        return (*key, *self._beside(values, [each.rows.get(key, self.absent) for each in self.earlier]))

    def _beside(self, values: Row, earlier: Sequence[Row]) -> Iterator[Any]:
        for position, value in enumerate(values):
            yield value
            for other in earlier:
                yield from _changed(value, other[position])

    def _gone(self) -> list[Row]:
        """The groups that only the earlier ranges hold."""
        count = len(self.plan.groups)
        here = {row[:count] for row in self.current.rows}
        return [key for key in dict.fromkeys(key for each in self.earlier for key in each.rows) if key not in here]

    def _ordered(self, rows: list[Row]) -> list[Row]:
        """Rows in the query's order: nulls last in both directions, as databases give them (DESIGN rule 13).

        Ordered by what is not shown, they stay as they are, with the groups that the first range lacks at the end.
        """
        names = [*(column.name for column in self.plan.groups), *(column.member for column in self._columns())]
        if any(name not in names for name, _ in self.plan.order):
            return rows
        for name, descending in reversed(self.plan.order):
            at = names.index(name)
            known = sorted((row for row in rows if row[at] is not None), key=itemgetter(at), reverse=descending)
            rows = [*known, *(row for row in rows if row[at] is None)]
        return rows

    def _chosen(self) -> bool:
        """Whether the query chooses among its groups, so that one that is missing may merely not have been chosen."""
        shape = self.resolved.shape
        return self.current.cut or bool(shape.having or shape.offset)

    def _totals(self) -> dict[str, Any] | None:
        totals = self.current.totals
        if totals is None:
            return None
        earlier = [each.totals for each in self.earlier if each.totals is not None]
        values = self._beside(tuple(totals.values()), earlier)
        return dict(zip((column.member for column in self._columns()), values, strict=True))

    def _notes(self, left_out: int) -> Iterator[str]:
        if left_out:
            groups = "group is" if left_out == 1 else "groups are"
            yield f"{left_out} more {groups} in the earlier ranges alone and not shown."
        for each in self.earlier:
            for period in each.partial:
                yield f"Of {period.period}, which is compared with, the range has {period.covered} of {period.of} {period.unit}."
            if each.unmatched:
                rows = "row has" if each.unmatched == 1 else "rows have"
                yield f"{each.unmatched} {rows} no counterpart: the range {range_words(each.range)} is the longer one."

    def _explanation(self) -> str:
        ranges = joined_words([range_words(each.range).removeprefix("from ") for each in self.earlier])
        return f"{self.current.account.explanation.removesuffix('.')}, compared with {ranges}."

    def _replay(self) -> dict[str, Any]:
        """The replay of the first range, with the others beside its range."""
        describer = Describer({}, (), self.resolved.shape.time_zone)
        replay = dict(self.current.account.replay)
        times = [dict(each) for each in replay["query"]["timeDimensions"]]
        closed = [each for each in self.resolved.ranges if each.start is not None and each.end is not None]
        entry = times[closed.index(self.resolved.ranges[self.index])]
        entry["compareDateRange"] = [
            entry.pop("dateRange"),
            *(
                list(describer.bounds(each.range.start, each.range.end))
                for each in self.earlier
                if each.range.start is not None and each.range.end is not None
            ),
        ]
        return {**replay, "query": {**replay["query"], "timeDimensions": times}}


def _changed(value: Any, other: Any) -> Row:
    """The other value, the difference and the change as a share of the other value; null where there is no number."""
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (value, other)):
        return other, None, None
    delta = value - other
    return other, delta, delta / abs(other) if other else None
