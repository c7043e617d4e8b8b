"""Measures that roll over time: for each bucket, what lies in its window, aggregated from the rows themselves.

    orders_buckets(bucket)   every bucket of the range
    orders_rows              the rows, each with the moment that it happened
    orders_facts             SELECT bucket, …, SUM(…) FROM orders_buckets JOIN orders_rows ON happened >= … AND happened < …

A bucket whose window holds nothing has no row for a combination of the other groups; where there are no others, it has one, and
null in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.granularity import PREDEFINED
from engine.sql.expressions import conjunction, is_null
from engine.sql.moves import shifted
from engine.sql.names import alias_of, column, identifier
from engine.sql.nodes import call, text
from engine.sql.once import Distinctly
from engine.sql.selects import grouped
from engine.sql.spine import BUCKET, moment, present, spine
from engine.sql.times import bucket, next_bucket

if TYPE_CHECKING:
    from engine.model.members import Measure, RollingWindow
    from engine.plan.plan import Column, Leaf, Window
    from engine.sql.facts import FactSelect

_HAPPENED = "happened"
_SUB_DAY = frozenset({"second", "minute", "hour"})


class Rolling(Distinctly):
    """Each row counts once in every window that it lies in."""

    def __init__(self, select: FactSelect, groups: tuple[Column, ...]) -> None:
        super().__init__(select)
        assert select.fact.window is not None
        self.window: Window = select.fact.window
        self.groups = groups
        self.rows = f"{select.name}_rows"
        self.buckets = f"{select.name}_buckets"
        self.keys_of_rows = tuple(self.columns)
        if not select.fact.fanned:
            self.columns.clear()
        # A row that several partners repeat may lie in a window by several moments: then windows are made of distinct rows.
        self.alias = f"{select.name}_windows" if select.fact.fanned else self.rows
        self.columns[_HAPPENED] = self._happened()

    @property
    def _others(self) -> list[str]:
        """The names of the groups that are not buckets of the window's time."""
        return [alias_of(each.name) for each in self.groups if each.grouping not in self.window.groupings]

    @property
    def _exact(self) -> bool:
        """Whether the window is cut finer than the day."""
        rolling, finest = self.window.rolling, self.window.finest
        units = {reach[1] for reach in (rolling.trailing, rolling.leading) if isinstance(reach, tuple)}
        bounds = self.window.bounds
        return (
            bool(units & _SUB_DAY)
            or (finest is None and bounds is not None)
            or (finest is not None and not finest.whole_days)
        )

    def _happened(self) -> exp.Expr:
        fact, use = self.select.fact, self.window.use
        assert use is not None
        this = self.select.scope.dimension(fact.dimension(use), fact.places[use])
        if self.select.dialect.text_times and self._exact:
            return call("STRFTIME", text("%Y-%m-%d %H:%M:%f"), this)
        return this

    def keys(self) -> list[tuple[str, exp.Expr]]:
        found: list[tuple[str, exp.Expr]] = []
        for each in self.groups:
            name = alias_of(each.name)
            if each.grouping is None or each.grouping not in self.window.groupings:
                found.append((name, column(name, self.alias)))
                continue
            start: exp.Expr = column(BUCKET, self.alias if self.select.fact.fanned else self.buckets)
            granularity = each.grouping.granularity
            assert granularity is not None
            same = granularity is self.window.finest
            found.append((name, start if same else bucket(start, granularity, self.select.dialect)))
        return found

    def input(self, measure: Measure) -> exp.Expr | None:
        found = super().input(measure)
        return found if found is not None else self._present()

    def _present(self) -> exp.Expr:
        """A column that is null only where a window holds no row."""
        return column(self.keys_of_rows[0] if self.select.fact.fanned else _HAPPENED, self.alias)

    def value(self, leaf: Leaf) -> exp.Expr:
        this = super().value(leaf)
        if self._others or self.window.finest is None:
            return this
        some = exp.GT(
            this=exp.Count(this=self._present(), big_int=True),
            expression=exp.Literal(this="0", is_string=False),
        )
        return exp.Case(ifs=[exp.If(this=some, true=this)])

    def tables(self) -> list[exp.CTE]:
        shown = [(name, this) for name, this in self.select.groups() if name in self._others]
        rows = self.rows_of([*shown, *self.columns.items()])
        tables = [exp.CTE(this=rows, alias=exp.TableAlias(this=identifier(self.rows)))]
        if self.window.finest is not None:
            finest = self.window.finest

            def of_data(aggregate: type[exp.AggFunc]) -> exp.Expr:
                edge = bucket(aggregate(this=column(_HAPPENED)), finest, self.select.dialect)
                source = exp.From(this=exp.Table(this=identifier(self.rows)))
                return exp.Subquery(this=exp.Select(expressions=[edge], from_=source))

            parameter = self.select.scope.parameter
            tables.append(spine(self.buckets, finest, self.select.dialect, self.window.bounds, parameter, of_data))
        return tables

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        start, joins, where = self._windows()
        if not self.select.fact.fanned:
            return grouped(expressions, group_count, start, joins, where, having)
        shown = [name for name in self.columns if name != _HAPPENED] + self._others
        bucketed = [column(BUCKET, self.buckets)] if self.window.finest is not None else []
        distinct = exp.Select(
            expressions=[*bucketed, *(column(name, self.rows) for name in shown)],
            distinct=exp.Distinct(),
            from_=start,
            joins=joins,
            where=where,
        )
        inner = exp.Subquery(this=distinct, alias=exp.TableAlias(this=identifier(self.alias)))
        return grouped(expressions, group_count, exp.From(this=inner), [], None, having)

    def _windows(self) -> tuple[exp.From, list[exp.Join], exp.Where | None]:
        """The buckets, each with the rows in its window."""
        on = conjunction(self._inside())
        assert on is not None
        rows = exp.Table(this=identifier(self.rows))
        if self.window.finest is None:
            return exp.From(this=rows), [], exp.Where(this=on)
        source = exp.From(this=exp.Table(this=identifier(self.buckets)))
        join = exp.Join(this=rows, kind="INNER", on=on) if self._others else exp.Join(this=rows, side="LEFT", on=on)
        use, home = self.window.use, self.select.fact.home.name
        zone = None if use is None or use.at(home).is_date else self.select.time_zone
        return source, [join], present(self.buckets, self.window.finest, self.select.dialect, self.window.bounds, zone)

    def _inside(self) -> list[exp.Expr]:
        """What has to hold for a row to lie in a bucket's window."""
        rolling = self.window.rolling
        lower, upper = self._to_date(rolling.to_date) if rolling.to_date else self._reach(rolling)
        parts: list[exp.Expr] = []
        if lower is not None:
            parts.append(exp.GTE(this=column(_HAPPENED, self.rows), expression=lower))
        if upper is not None:
            parts.append(exp.LT(this=column(_HAPPENED, self.rows), expression=upper))
        # What is open at both ends holds every date, and still no row without one.
        return parts or [exp.Not(this=is_null(column(_HAPPENED, self.rows)))]

    def _edge(self, *, end: bool) -> exp.Expr | None:
        """The start or the end of the bucket, or of the range where that is the bucket; None if it is open."""
        finest, dialect = self.window.finest, self.select.dialect
        if finest is not None:
            start = column(BUCKET, self.buckets)
            return next_bucket(start, finest, dialect) if end else start
        bounds = self.window.bounds
        slot = bounds.slots[1 if end else 0] if bounds is not None else None
        if bounds is None or slot is None:
            return None
        return moment(slot, bounds, dialect, self.select.scope.parameter)

    def _to_date(self, unit: str) -> tuple[exp.Expr | None, exp.Expr | None]:
        start = self._edge(end=False)
        return (bucket(start, PREDEFINED[unit], self.select.dialect) if start is not None else None), self._edge(
            end=True
        )

    def _reach(self, rolling: RollingWindow) -> tuple[exp.Expr | None, exp.Expr | None]:
        at_end = rolling.offset == "end"
        return (
            self._moved(rolling.trailing, at_end=at_end, back=True),
            self._moved(rolling.leading, at_end=at_end, back=False),
        )

    def _moved(self, reach: tuple[int, str] | str | None, *, at_end: bool, back: bool) -> exp.Expr | None:
        if reach == "unbounded":
            return None
        edge = self._edge(end=at_end)
        if edge is None or reach is None or isinstance(reach, str):
            return edge
        count, unit = reach
        finest = self.window.finest
        day = finest is not None and finest.whole_days and unit not in _SUB_DAY
        return shifted(edge, -count if back else count, unit, self.select.dialect, day=day)
