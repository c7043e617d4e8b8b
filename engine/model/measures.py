"""Measures, built from what the analyst wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue
from engine.model.declarations import non_additive_of, rolling_window_of, time_shifts_of
from engine.model.grains import context_of, grain_of
from engine.model.members import DERIVED_TYPES, Measure, Sql
from engine.model.nodes import public, title_of
from engine.model.rows import condition_mistake, loose_column, value_mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.errors import Place
    from engine.model.binder import Aliases, Binder, Bound
    from engine.model.graph import JoinGraph
    from engine.model.nodes import Node
    from engine.model.rows import Mistake

MEASURE_TYPES = {
    "countDistinct": "count_distinct",
    "countDistinctApprox": "count_distinct_approx",
    "numberAgg": "number_agg",
}
"""Cube's other spellings of measure types."""


def build_measure(
    binder: Binder, name: str, node: Node, graph: JoinGraph | None, aliases: Aliases | None = None
) -> Measure | None:
    """A measure of the binder's owner, or None if it is wrong, which is then reported.

    `aliases` are further names that its SQL may use, as a view's.
    """
    parts = _parts(binder, node, aliases)
    if parts is None:
        return None
    bound = parts.bound
    kind, percentile, aggregate = parts.kind, node.value("percentile"), parts.aggregate
    if aggregate and bound is not None and (named := named_percentile(bound.sql)) is not None:
        kind, percentile, bound.sql = "percentile", *named
        aggregate = False
    measure = Measure(
        name=name,
        cube=binder.owner,
        type=kind,
        sql=bound.sql if bound else None,
        place=node.place,
        filters=tuple(each.sql for each in parts.filters),
        references={key: measure for each in parts.found for key, measure in each.measures.items()},
        dimensions={key: dimension for each in parts.found for key, dimension in each.dimensions.items()},
        aggregate=aggregate,
        title=node.text("title") or title_of(name),
        description=node.text("description"),
        public=public(node, default=True),
        format=node.value("format"),
        unit=node.text("unit"),
        meta=node.value("meta"),
        fill_nulls_with=node.value("fill_nulls_with"),
        default_filters=node.flag("default_filters", default=True),
        synonyms=node.texts("synonyms"),
        examples=tuple(entry.data for entry in node.items("examples")),
        drill_members=node.texts("drill_members"),
        percentile=percentile,
        rolling_window=rolling_window_of(node),
        time_shift=time_shifts_of(node),
        multi_stage=parts.multi_stage,
        grain=grain_of(node, _full_names(binder, aliases)) if parts.multi_stage else None,
        context=context_of(node, _full_names(binder, aliases)) if parts.multi_stage else None,
        order_by=tuple((each.sql, descending) for each, descending in parts.order),
        non_additive=non_additive_of(node),
    )
    mistake = _mistake(measure, graph)
    place = (node.get("sql") or node).place
    if mistake is None:
        mistake, place = _unsuited(measure, parts, place)
    if mistake is None:
        return measure
    binder.report(Issue(mistake[0], mistake[1], place=place, hint=mistake[2]))
    return None


def _unsuited(measure: Measure, parts: _Parts, place: Place) -> tuple[Mistake | None, Place]:
    """An expression that does not suit what the measure does with it, and where it stands."""
    if measure.multi_stage:
        return None, place
    bound, what = parts.bound, measure.full_name
    if measure.aggregate and measure.sql is not None:
        return loose_column(measure.sql.tree, what), place
    found = None
    if bound is not None and not measure.derived:
        found = value_mistake(measure.type, bound.sql.tree, bound.alone, what)
    for condition in parts.filters:
        if found is None:
            found = condition_mistake(condition.sql.tree, condition.alone, f"A filter of {what}")
            place = condition.sql.place if found is not None else place
    return found, place


def _full_names(binder: Binder, aliases: Aliases | None) -> Callable[[str], str]:
    """Gives the full name of a member as an analyst writes it: alone, after `CUBE` or a path of cubes, or as a view calls it."""

    def full_name(written: str) -> str:
        name = written.strip().removeprefix("{").removesuffix("}").strip()
        known = aliases.find(name) if aliases is not None else None
        if known is not None:
            return known[0].full_name
        return name.replace("CUBE.", f"{binder.owner}.", 1) if "." in name else f"{binder.owner}.{name}"

    return full_name


@dataclass(frozen=True, slots=True)
class _Parts:
    """The expressions of a measure, bound."""

    kind: str
    bound: Bound | None
    filters: tuple[Bound, ...]
    order: tuple[tuple[Bound, bool], ...]
    multi_stage: bool

    @property
    def found(self) -> tuple[Bound, ...]:
        own = (self.bound,) if self.bound else ()
        return (*own, *self.filters, *(each for each, _ in self.order))

    @property
    def aggregate(self) -> bool:
        """Whether the SQL of a `number` measure aggregates columns by itself."""
        if self.bound is None or self.multi_stage or self.kind not in DERIVED_TYPES:
            return False
        return self.bound.has_columns or any(self.bound.sql.tree.find_all(exp.AggFunc))


def _parts(binder: Binder, node: Node, aliases: Aliases | None) -> _Parts | None:
    """The bound expressions of a measure, or None if one of them is wrong."""
    written = str(node.value("type", "number"))
    kind = MEASURE_TYPES.get(written, written)
    staged = node.flag("multi_stage", default=False)
    sql = node.get("sql")
    bound = binder.expression(sql, aliases=aliases, staged=staged) if sql else None
    if (sql is not None and bound is None) or (sql is None and kind not in {"count", "rank"}):
        return None
    written_filters = [part for entry in node.items("filters") if (part := entry.get("sql"))]
    filters = [binder.expression(part, aliases=aliases, staged=staged) for part in written_filters]
    written_order = [
        (part, entry.value("dir") == "desc") for entry in node.items("order_by") if (part := entry.get("sql"))
    ]
    order = [(binder.expression(part, aliases=aliases, staged=True), descending) for part, descending in written_order]
    right = tuple(each for each in filters if each is not None)
    ordered = tuple((each, descending) for each, descending in order if each is not None)
    if len(right) < len(filters) or len(ordered) < len(order):
        return None
    return _Parts(kind, bound, right, ordered, staged)


def _mistake(measure: Measure, graph: JoinGraph | None) -> tuple[str, str, str] | None:
    """Why a measure cannot be aggregated in its home: code, message and hint; None if it can."""
    if measure.references and not (measure.derived or measure.multi_stage or measure.aggregate):
        reference = next(iter(measure.references))
        message = f"{measure.full_name} aggregates the measure {reference}, which is an aggregate already."
        hint = "Make it `type: number` to compute with measures, or `multi_stage: true` to aggregate their results."
        return "E_UNSAFE_REAGGREGATION", message, hint
    if measure.filters and (measure.derived or measure.aggregate):
        message = (
            f"{measure.full_name} is computed after rows are aggregated, so its `filters` could remove none of them."
        )
        hint = "Filter the measures that it is computed from, or write CASE WHEN inside its own aggregates."
        return "E_MEASURE_FILTERS", message, hint
    if measure.derived or measure.staged:
        for name in ("rolling_window", "non_additive"):
            if getattr(measure, name) is not None:
                message = f"{measure.full_name} is computed from other measures, so it rolls over no rows of its own."
                return "E_COMBINATION", message, f"Give the `{name}` to the measure that it is computed from."
    if measure.staged and measure.grain is not None and measure.grain.include and measure.type in DERIVED_TYPES:
        message = f"{measure.full_name} is computed in finer groups than are shown, and does not say how these become one value."
        return "E_UNSAFE_REAGGREGATION", message, "Give it a type that aggregates: sum, avg, min, max or count."
    if measure.multi_stage and any(each.paths for each in (measure.sql, *measure.filters) if each):
        message = f"{measure.full_name} is computed of groups, and names columns of rows."
        return "E_SQL_REFERENCE", message, "Name measures and dimensions: {revenue}, {status}."
    if measure.references and measure.sql is not None and (again := _aggregated_again(measure.sql.tree, measure)):
        message = f"{measure.full_name} aggregates the measure {again}, which is an aggregate already."
        hint = "Leave the function out, or give the measure that type and say `multi_stage: true` with a `grain`."
        return "E_UNSAFE_REAGGREGATION", message, hint
    own = [each for each in (measure.sql, *measure.filters) if each]
    for path in {path for each in own for path in each.paths}:
        steps = graph.along(path) if graph else ()
        down = next((step for step in steps or () if step.direction == "down"), None)
        if down is not None:
            message = f"{measure.full_name} reads {path[-1]!r}, of which one row of {down.source!r} has many."
            hint = f"Declare the measure in {path[-1]!r}, or read it through a `sub_query` dimension."
            return "E_UNSAFE_REAGGREGATION", message, hint
    return None


def _aggregated_again(tree: exp.Expr, measure: Measure) -> str | None:
    """A measure that stands inside an aggregate function, and not in a window over groups."""
    for function in tree.find_all(exp.AggFunc):
        if isinstance(function.parent, exp.Window) and measure.multi_stage:
            continue
        for column in function.find_all(exp.Column):
            if column.args.get("table") is None and column.name in measure.references:
                return column.name
    return None


def named_percentile(sql: Sql) -> tuple[float, Sql] | None:
    """The share and the value of a percentile that the analyst wrote as SQL, so that every database can compute it."""
    tree = sql.tree
    if isinstance(tree, exp.Median):
        return 0.5, replace(sql, tree=tree.this, is_column=isinstance(tree.this, exp.Column))
    if not (isinstance(tree, exp.WithinGroup) and isinstance(tree.this, exp.PercentileCont)):
        return None
    share, order = tree.this.this, tree.expression
    terms = order.expressions if isinstance(order, exp.Order) else []
    if not isinstance(share, exp.Literal) or share.is_string or len(terms) != 1 or terms[0].args.get("desc"):
        return None
    value = terms[0].this
    return float(share.name), replace(sql, tree=value, is_column=isinstance(value, exp.Column))
