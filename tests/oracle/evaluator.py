"""The contract, computed by brute force: what a query must answer, or that it must be refused.

Each measure is evaluated on its own: for every row of its home, all combinations of join partners are listed, those
that satisfy the filters say in which groups the row counts, and the rows of each group are aggregated in Python.
Nothing is shared between two measures but the rows of the result, so the law above the rules holds by construction.

Readings, where a rule could be read in two ways:

- Rule 1. A primary key is needed only for counts, sums and averages, and only where a one-to-many step leads from their
  home to a dimension asked; a filter beyond such a step asks no more than whether there is such a row.
- Rule 2. A dimension is null where its row is missing, also a computed one that would turn NULL into something else.
  Conditions of segments are computed over a row of NULLs instead, as a LEFT JOIN would.
- Rule 2. What a member names of another cube is read by the shortest many-to-one way from its own; the member is null only
  where its own row is missing.
- Rule 2. Without dimensions there is always one row, also of nothing.
- Rule 5. `fill_nulls_with` replaces every null of its measure: of a group without values and of one without rows.
- Rule 5. Measures that are only filtered or ordered by take part as if they were asked, but are not shown.
- Rule 6. A way that is chosen, by a view or by `joinHints`, is the way to its last cube. Where several are, the view's
  `join_path` comes first.
- Rule 6. A tie in a view is an error of the model for measures of the cubes at which its paths begin; for measures of
  others it is one of the queries that meet it.
- Rule 6. A one-to-one step costs one step and may stand anywhere on a path. The tree of the paths that go down is
  chosen without regard to the many-to-one paths beside it.
- Rule 9. A division is never an integer division, and null where the divisor is 0, with or without NULLIF.
- Rule 12. In a group, a rolling measure is null where its window holds no row, counts too; without other dimensions every
  bucket of the range has a row. A range cuts no window. Filling comes before the filters on measures.
- Rule 12. A stock (`non_additive`) is read at the last date that its rows in the group have, whatever the measure filters.
- Rule 12. A query without any time has none that could be shifted, and no window but one of all rows. A row without a date is in no
  window, and in no earlier or later period.
- Rule 12. Without a range, a rolling measure has the buckets from its first row to its last.
- Multi-stage measures. They have a value in each group where the query finds something that they are computed from; a value that
  fewer groups have stands in all of them. A null ranks last.
- Rule 13. Only a time dimension with a granularity leads the default order. An explicit order is followed by that of
  the dimensions: the first by its label and its key, then the second. A time without granularity there is its bucket, unless the
  time itself is shown too.
- Rule 16. In a query of dimensions alone, default filters apply to the cube that it is answered from.
- Rule 12. Neither filling nor a window shows a bucket over which the clocks went forward; dates have all buckets.
- Rules 11 and 12. A date is its midnight, and a range of dates holds the buckets of the midnights in it.
- Ungrouped. A measure is what it would aggregate of a row, and a count 1 where it counts the row, else null. The rows are those of
  one home, read once, and no group may lie beyond a one-to-many step.
- Filters. `notInDateRange` keeps NULL, as every negative filter does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tests.oracle.aggregates import aggregate, interpolated
from tests.oracle.clock import Clock
from tests.oracle.expressions import AsDate, Column, Member, compute, leaves
from tests.oracle.model import Data, Grain, Measure, Model, Query, Rolling, Row
from tests.oracle.names import Reference, key_of, offered, resolve
from tests.oracle.operators import passes
from tests.oracle.paths import Path, Refused, Target, bound_way
from tests.oracle.rows import Combination, Rows
from tests.oracle.times import Range, bucket, following
from tests.oracle.windows import buckets, lies_in_window, showed, shown_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Group = tuple[Any, ...]
Members = dict[Group, list[Row]]
"""The rows of a home by the groups in which they stand."""

Filter = dict[str, Any]
Look = Callable[[Reference], Any]
Order = list[tuple[str, bool]]
"""Columns, each with whether it descends."""


def evaluate(model: Model, data: Data, query: Query, security: Mapping[str, str | int] | None = None) -> list[Row]:
    """The rows that answer a query, by column name; raises `Refused` where the contract refuses it."""
    return Evaluation.of(model, data, query, security).rows()


class Evaluation:
    """One query over one set of rows."""

    def __init__(self, data: Rows, query: Query) -> None:
        self.data = data
        self.query = query
        self.resolve = cache(lambda name: resolve(data.model, name))
        self.measures = [self.resolve(name) for name in query.get("measures", ())]
        self.dimensions = [self.resolve(name) for name in _dimension_names(query)]
        self.segments = [self.resolve(name) for name in query.get("segments", ())]
        trees = [*query.get("filters", ()), *_date_ranges(query)]
        self.having = [tree for tree in trees if any(isinstance(r.member, Measure) for r in self.named(tree))]
        self.filters = [tree for tree in trees if tree not in self.having]
        self.keys = {d: key_of(data.model, d) for d in self.dimensions}
        self.shown = [each for d in self.dimensions for each in (self.keys[d], d) if each]
        self.clock = Clock.of(query, self.resolve)
        self.stages: dict[Reference, dict[Group, Any]] = {}
        compared = [reference for tree in self.having for reference in self.named(tree)]
        self.asked = list(dict.fromkeys([*self.measures, *compared, *self._ordering()]))

    @classmethod
    def of(cls, model: Model, data: Data, query: Query, security: Mapping[str, str | int] | None = None) -> Evaluation:
        """A query to the rows that one may see; raises `Refused` if the model itself is to be refused."""
        found = cls(Rows(model, data, security or {}, query.get("timezone", "UTC")), query)
        found.refuse_ties()
        return found

    def ask(self, query: Query) -> Evaluation:
        """Another query to the same rows, in the same zone."""
        return Evaluation(self.data, query)

    def rows(self) -> list[Row]:
        """The answer: measures by group, those that the filters on measures leave, in order, cut."""
        everything = self._row_by_row() if self.query.get("ungrouped") else self._all_rows()
        rows = [row for row in everything if self._passes_having(row)]
        start = self.query.get("offset") or 0
        cut = ordered(rows, self.order())[start : start + self.query.get("limit", 10_000)]
        columns = [column_of(reference) for reference in (*self.shown, *self.measures)]
        return [{column: row[column] for column in columns} for row in cut]

    def _all_rows(self) -> list[Row]:
        """The measures of each group."""
        bases = dict.fromkeys(base for reference in self.asked for base in self._bases(reference))
        members = self._all_members(bases)
        groups = {group for each in members.values() for group in each}
        if not self.asked:
            groups = set(self._members(self._root(), None))
        elif not self.dimensions:
            groups = {()}
        if self.query.get("fill"):
            groups |= set(self._filling(groups))
        return [self._row(group, members) for group in groups]

    # Ungrouped: the rows themselves.

    def _row_by_row(self) -> list[Row]:
        """The rows of the one home that is read, with what each measure would aggregate of them; counts count what is there."""
        bases = list(dict.fromkeys(base for reference in self.asked for base in self._bases(reference)))
        codes: set[str] = set()
        windows = [base for base in bases if base.measure.rolling or self._moves(base)]
        plain = [base for base in bases if base not in windows and not base.measure.grain]
        for base in plain:
            try:
                self._ways(base.owner, base)
            except Refused as refused:
                codes |= refused.codes
        filtered = {each.name for each in self.data.model.views if each.default_filters}
        reads = {
            (b.owner, b.measure.default_filters and b.view in filtered, b.measure.non_additive, b.shifts) for b in bases
        }
        if codes or self.having or len(reads) > 1 or plain != bases:
            raise Refused("E_UNGROUPED", *codes, *("E_WINDOW" for _ in windows))
        first = bases[0] if bases else None
        home = self._root() if first is None else first.owner
        _, paths = self._ways(home, first)
        if any("d" in self.data.graph.word(paths[self._target(reference, home)]) for reference in self.shown):
            raise Refused("E_UNGROUPED")
        return [
            {column_of(reference): look(reference) for reference in self.shown}
            | {reference.name: self._of_one(reference, row) for reference in self.asked}
            for row, [look, *_] in self._passing(home, first)
        ]

    def _of_one(self, reference: Reference, row: Row) -> Any:
        """What a measure would aggregate of one row; a derived one is computed from that."""
        measure = reference.measure
        if measure.type == "number":
            value = compute(measure.expression, lambda leaf: self._of_one(self._inner(reference, leaf), row))
        else:
            cube = self.data.model.cube(reference.owner)
            kept = all(self.data.at(cube, row, each) is True for each in measure.filters)
            value = self.data.at(cube, row, measure.expression) if kept else None
            if value is not None and measure.type in ("count", "count_distinct", "count_distinct_approx"):
                value = 1
        return measure.fill_nulls_with if value is None else value

    # Multi-stage measures: questions about other groups, put together.

    def _inside(self, measures: list[Reference], dimensions: list[Reference]) -> Evaluation:
        """The same question of other measures, by other dimensions."""
        dropped = {"order", "limit", "offset", "fill", "measures"}
        inner = Evaluation(self.data, {key: value for key, value in self.query.items() if key not in dropped})
        inner.having = []
        inner.filters = self.filters
        inner.measures = inner.asked = measures
        inner.dimensions = dimensions
        inner.keys = {d: key_of(self.data.model, d) for d in dimensions}
        inner.shown = [each for d in dimensions for each in (inner.keys[d], d) if each]
        return inner

    def _staged(self, reference: Reference, grain: Grain) -> dict[Group, Any]:
        """The value of a multi-stage measure in each group of the query in which there is something that it is computed from."""
        named = [self._inner(reference, leaf) for leaf in leaves(reference.measure.expression)]
        kept = [d for d in self.dimensions if _is_kept(d, reference.owner, grain)]
        there = {(d.owner, d.member.name) for d in kept if not d.granularity}
        added = [f"{reference.owner}.{name}" for name in grain.include if (reference.owner, name) not in there]
        grid = self._inside(named, self.dimensions)
        groups = grid._all_rows()
        if reference.measure.type == "rank":
            return self._ranked(reference, groups, [column_of(each) for each in self._inside([], kept).shown])
        inner = self._inside(named, [*kept, *map(self.resolve, added)])
        columns = [column_of(each) for each in self._inside([], kept).shown]
        parts: dict[Group, list[Any]] = {}
        for row in inner._all_rows():
            value = compute(reference.measure.expression, self._of_row(reference, row))
            parts.setdefault(tuple(row[column] for column in columns), []).append(value)
        values = {group: _put_together(reference.measure, each) for group, each in parts.items()}
        shown = [column_of(each) for each in self.shown]
        found = {}
        for row in groups:
            group = tuple(row[column] for column in columns)
            found[tuple(row[column] for column in shown)] = values.get(group)
        return found

    def _of_row(self, reference: Reference, row: Row) -> Callable[[Column | Member], Any]:
        """The values of the measures that a multi-stage one names, in one row."""
        return lambda leaf: row[self._inner(reference, leaf).name]

    def _ranked(self, reference: Reference, rows: list[Row], columns: list[str]) -> dict[Group, Any]:
        """The place of each group among those alike in what is kept, the greatest first, nothing last."""
        shown = [column_of(each) for each in self.shown]
        key = self._inner(reference, leaves(reference.measure.expression)[0]).name
        found = {}
        for row in rows:
            alike = [other[key] for other in rows if all(other[column] == row[column] for column in columns)]
            before = [
                o for o in alike if (o is not None and row[key] is None) or (None not in (o, row[key]) and o > row[key])
            ]
            found[tuple(row[column] for column in shown)] = len(before) + 1
        return found

    def _filling(self, groups: set[Group]) -> Iterator[Group]:
        """Every bucket of the range, else of the data, for each combination of the other dimensions."""
        [place] = [n for n, reference in enumerate(self.shown) if reference.granularity]
        granularity = self.shown[place].granularity or ""
        known = [group[place] for group in groups if group[place] is not None]
        if not known and not self.clock.condition:
            return
        within = self.clock.range if self.clock.condition else (min(known), following(max(known), granularity))
        others = {(group[:place], group[place + 1 :]) for group in groups}
        if len(self.shown) == 1:
            others = {((), ())}
        times = (self.shown[place].member, *(dimension for _, dimension in self.shown[place].axis))
        dates = all(isinstance(each.sql, AsDate) for each in times)
        for start, end in buckets(within, granularity):
            if not (dates or showed(self.data.zone, (start, end))):
                continue
            yield from ((*before, start, *after) for before, after in others)

    def refuse_ties(self) -> None:
        """Refuses a model with a view whose measures have two equally good ways to one of its dimensions (rule 6)."""
        for view in self.data.model.views:
            members = list(offered(self.data.model, view.name))
            bases = [b for r in members if isinstance(r.member, Measure) for b in self._bases(r)]
            roots = {each.join_path[0] for each in view.cubes}
            for home in roots & {base.owner for base in bases}:
                for reference in members:
                    if not isinstance(reference.member, Measure) and not reference.axis:
                        self._refuse_tie(home, reference)

    def _refuse_tie(self, home: str, reference: Reference) -> None:
        try:
            self.data.graph.choose(home, [(reference.owner, bound_way(home, reference.paths))])
        except Refused as refused:
            if "E_AMBIGUOUS_PATH" in refused.codes:
                raise

    def _row(self, group: Group, members: Mapping[Reference, Members]) -> Row:
        labels = dict(zip(map(column_of, self.shown), group, strict=True))
        return labels | {reference.name: self._value(reference, group, members) for reference in self.asked}

    def _passes_having(self, row: Row) -> bool:
        return all(self._holds(tree, lambda reference: row[reference.name]) for tree in self.having)

    def order(self) -> Order:
        """What the rows are ordered by (rule 13)."""
        labels: Order = [(column_of(each), False) for d in self.dimensions for each in (d, self.keys[d]) if each]
        buckets = [d for d in self.dimensions if d.granularity]
        plain = [d for d in self.dimensions if not d.granularity]
        if "order" in self.query:
            asked = self.query["order"]
            pairs: Iterable[tuple[str, str]] = asked.items() if isinstance(asked, dict) else asked
            columns = {bucket.name: column_of(bucket) for bucket in reversed(buckets)} | {d.name: d.name for d in plain}
            return [*((columns.get(name, name), direction == "desc") for name, direction in pairs), *labels]
        if buckets:
            return [(column_of(buckets[0]), False), *labels]
        return [*((measure.name, True) for measure in self.measures[:1]), *labels]

    def _bases(self, reference: Reference) -> Iterator[Reference]:
        """The aggregated measures that a measure is made of."""
        if reference.measure.type != "number" or reference.measure.grain:
            yield reference
        else:
            for leaf in leaves(reference.measure.expression):
                yield from self._bases(self._inner(reference, leaf))

    def _inner(self, reference: Reference, leaf: Column | Member) -> Reference:
        """A measure that a derived one names, asked through the same view."""
        assert isinstance(leaf, Member)
        inner = self.resolve(f"{leaf.cube or reference.owner}.{leaf.name}")
        return replace(inner, view=reference.view, shifts=(*reference.shifts, *reference.measure.time_shift))

    def _value(self, reference: Reference, group: Group, members: Mapping[Reference, Members]) -> Any:
        """A measure in one group; a derived one is computed from the values of others (rules 1 and 9)."""
        measure = reference.measure
        if measure.grain:
            value = self.stages.get(reference, {}).get(group)
        elif measure.type == "number":
            value = compute(measure.expression, lambda leaf: self._value(self._inner(reference, leaf), group, members))
        else:
            rows = members.get(reference, {}).get(group, [])
            nothing = measure.rolling and not rows and self.shown
            value = None if nothing else aggregate(self.data, reference, rows)
        return measure.fill_nulls_with if value is None else value

    def _ordering(self) -> Iterator[Reference]:
        """The measures by which the query orders."""
        asked = self.query.get("order", ())
        for name in asked if isinstance(asked, dict) else [name for name, _ in asked]:
            reference = self.resolve(name)
            if isinstance(reference.member, Measure):
                yield reference

    def value_of_nothing(self, reference: Reference) -> Any:
        """A measure where there is nothing that it is computed from."""
        return self._value(reference, (), {})

    def _all_members(self, bases: Iterable[Reference]) -> dict[Reference, Members]:
        """The members of each measure, or every reason there is to refuse them."""
        members: dict[Reference, Members] = {}
        codes: set[str] = set()
        for base in bases:
            try:
                if base.measure.grain:
                    self.stages[base] = self._staged(base, base.measure.grain)
                    members[base] = {group: [] for group in self.stages[base]}
                else:
                    members[base] = self._members(base.owner, base)
            except Refused as refused:
                codes |= refused.codes
        if codes:
            raise Refused(*sorted(codes))
        return members

    def _root(self) -> str:
        """The cube from which a query without measures is answered (rule 2)."""
        read = [*self.dimensions, *self.segments, *(r for tree in self.filters for r in self.named(tree))]
        return self.data.graph.choose_root(lambda home: [self._target(reference, home) for reference in read])

    def _members(self, home: str, measure: Reference | None) -> Members:
        """The rows of a home by group: each in every group in which one of its combinations stands (rule 3)."""
        passing = list(self._passing(home, measure))
        spans = self._spans(measure, [look for _, looks in passing for look in looks])
        members: Members = {key: [] for key in self._empty_windows(measure, spans)}
        for row, looks in passing:
            for group in {group for look in looks for group in self._groups(measure, look, spans)}:
                members[group] = [*members.get(group, ()), row]
        return members

    def _ways(self, home: str, measure: Reference | None) -> tuple[list[Filter], dict[Target, Path]]:
        """The filters by which a measure is computed, and the paths from its home to all that is read."""
        filters = [*self.filters, *self._default_filters(home, measure)]
        if measure and self._moves(measure):
            filters = [tree for tree in filters if tree != self.clock.condition]
        read = [
            *self.shown,
            *([self.clock.time] if measure and self._moves(measure) else []),
            *self.segments,
            *(r for tree in filters for r in self.named(tree)),
        ]
        paths = self.data.graph.choose(home, dict.fromkeys(self._target(reference, home) for reference in read))
        if measure:
            self._require_time(measure.measure.rolling)
            self._require_key(measure, paths)
        for cube in {home, *(cube for path in paths.values() for cube in path)}:
            self.data.visible(cube)
        self.data.look_up_for([reference.at(home) for reference in read], paths.values())
        return filters, paths

    def _passing(self, home: str, measure: Reference | None) -> Iterator[tuple[Row, list[Look]]]:
        """Each row of a home that is read for a measure, with those combinations of its partners that satisfy all filters."""
        filters, paths = self._ways(home, measure)
        for row in self.data.visible(home):
            found: list[Look] = []
            for combination in self.data.combinations(home, row, paths.values()):

                def look(reference: Reference, rows: Combination = combination) -> Any:
                    return self.data.value(reference.at(home), rows[paths[self._target(reference, home)]])

                if all(self._holds(tree, look) for tree in filters) and all(look(s) is True for s in self.segments):
                    found.append(look)
            if found:
                yield row, found

    def _spans(self, measure: Reference | None, looks: Iterable[Look]) -> list[Range]:
        """The buckets in which a rolling measure is shown."""
        if measure is None or not measure.measure.rolling or not self._moves(measure):
            return []
        known = [moment for look in looks if (moment := look(self.clock.time)) is not None]
        return self.clock.spans(measure.owner, self.data.zone, [shown_at(each, measure.shifts) for each in known])

    def _groups(self, measure: Reference | None, look: Look, spans: Iterable[Range]) -> Iterator[Group]:
        """The groups in which a combination stands: one, or one for each window that it lies in (rule 12)."""
        if not measure or not self._moves(measure):
            yield tuple(look(reference) for reference in self.shown)
            return
        clock = self.clock
        moment = look(clock.time)
        if moment is None:
            return
        moment, rolling = shown_at(moment, measure.shifts), measure.measure.rolling
        for span in spans if rolling else [(moment, moment)]:
            if lies_in_window(moment, rolling, span) if rolling else clock.range[0] <= moment < clock.range[1]:
                yield tuple(
                    bucket(span[0], reference.granularity or "") if clock.shows(reference) else look(reference)
                    for reference in self.shown
                )

    def _moves(self, measure: Reference) -> bool:
        """Whether a measure is read at other times than those of its bucket; without any time, nothing is shifted."""
        return bool((measure.measure.rolling or measure.shifts) and self.clock.reference)

    def _empty_windows(self, measure: Reference | None, spans: Iterable[Range]) -> Iterator[Group]:
        """The groups of a rolling measure without other dimensions: every bucket of the range, else of the data."""
        if measure and measure.measure.rolling and self.shown and all(map(self.clock.shows, self.shown)):
            for start, _ in spans:
                yield tuple(bucket(start, reference.granularity or "") for reference in self.shown)

    def _target(self, reference: Reference, home: str) -> Target:
        """The cube of a member with the way that a view or a hint of the query binds it to, from a home on (rule 6)."""
        reference = reference.at(home)
        hints = tuple(tuple(hint) for hint in self.query.get("joinHints", ()) if hint[-1] == reference.owner)
        return reference.owner, bound_way(home, (*reference.paths, *hints))

    def _require_time(self, rolling: Rolling | None) -> None:
        """A window that is open at its start needs no time: all rows lie in it."""
        if rolling and not self.clock.reference and (rolling.trailing != "unbounded" or rolling.to_date):
            raise Refused("E_WINDOW")

    def _require_key(self, measure: Reference, paths: Mapping[Target, Path]) -> None:
        home = measure.owner
        keyed = any(dimension.primary_key for dimension in self.data.model.cube(home).dimensions)
        grouped = [self.data.graph.word(paths[self._target(reference, home)]) for reference in self.shown]
        if not keyed and any("d" in word for word in grouped) and measure.measure.type in ("count", "sum", "avg"):
            raise Refused("E_PRIMARY_KEY_REQUIRED")

    def named(self, tree: Filter) -> list[Reference]:
        """The members that a filter names."""
        if "member" in tree:
            return [self.resolve(tree["member"])]
        return [reference for part in (*tree.get("and", ()), *tree.get("or", ())) for reference in self.named(part)]

    def _holds(self, tree: Filter, look: Look) -> bool:
        if "and" in tree:
            return all(self._holds(part, look) for part in tree["and"])
        if "or" in tree:
            return any(self._holds(part, look) for part in tree["or"])
        reference = self.resolve(tree["member"])
        kind = "number" if isinstance(reference.member, Measure) else reference.dimension.type
        return passes(tree["operator"], look(reference), tree.get("values", ()), kind)

    def _default_filters(self, home: str, measure: Reference | None) -> Iterator[Filter]:
        """Those default filters of the measure's view that apply; without measures, of the dimensions' (rule 16)."""
        if measure and not measure.measure.default_filters:
            return
        asked = {reference.name for tree in self.filters for reference in self.named(tree)}
        views = {reference.view for reference in ([measure] if measure else self.dimensions)}
        for view in self.data.model.views:
            for each in view.default_filters if view.name in views else ():
                reference = self.resolve(f"{view.name}.{each.member}")
                lifted = asked & {reference.name, *(f"{view.name}.{name}" for name in each.unless)}
                ways = self.data.graph.ways(home, self._target(reference, home))
                if not lifted and any(map(self.data.graph.only_up, ways)):
                    yield {"member": reference.name, "operator": each.operator, "values": each.values}


def _is_kept(dimension: Reference, cube: str, grain: Grain) -> bool:
    """Whether a multi-stage measure of a cube has values of its own for each value of a dimension."""

    def among(names: tuple[str, ...]) -> bool:
        own = (*((home, each.name) for home, each in dimension.axis), (dimension.owner, dimension.member.name))
        return any(home == cube and name in names for home, name in own)

    return (grain.keep_only is None or among(grain.keep_only)) and not among(grain.exclude)


def _put_together(measure: Measure, values: list[Any]) -> Any:
    """What values of finer groups come to; a number has one value in each."""
    if measure.type == "number":
        [value] = values
        return value
    known = [value for value in values if value is not None]
    if not known:
        return None
    match measure.type:
        case "sum":
            return sum(known)
        case "avg":
            return sum(known) / len(known)
        case "min":
            return min(known)
        case "max":
            return max(known)
        case "median" | "percentile":
            return interpolated(sorted(known), 0.5 if measure.percentile is None else measure.percentile)
    raise AssertionError(measure)


def _dimension_names(query: Query) -> Iterator[str]:
    yield from query.get("dimensions", ())
    for each in query.get("timeDimensions", ()):
        if "granularity" in each:
            yield f"{each['dimension']}.{each['granularity']}"


def _date_ranges(query: Query) -> Iterator[Filter]:
    for each in query.get("timeDimensions", ()):
        if "dateRange" in each:
            yield {"member": each["dimension"], "operator": "inDateRange", "values": each["dateRange"]}


def column_of(reference: Reference) -> str:
    return f"{reference.name}.{reference.granularity}" if reference.granularity else reference.name


def ordered(rows: list[Row], keys: Order) -> list[Row]:
    """Rows sorted by columns, NULL last in both directions."""
    for column, descending in reversed(keys):
        known = [row for row in rows if row[column] is not None]
        missing = [row for row in rows if row[column] is None]
        rows = sorted(known, key=itemgetter(column), reverse=descending) + missing
    return rows
