"""Cubes and their members, built from what the analyst wrote; each member when it is first needed, so that order is free."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from engine.errors import Issue, did_you_mean, near
from engine.model.binder import Aliases, Binder
from engine.model.conditions import freshness, policies
from engine.model.declarations import (
    grain_of,
    granularities_of,
    non_additive_of,
    rolling_window_of,
    time_shifts_of,
    values_of,
)
from engine.model.graph import JoinGraph
from engine.model.members import DERIVED_TYPES, Dimension, Join, Measure, Segment, Sql, instance_name, sub_query_step
from engine.model.model import Cube, Hierarchy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.binder import Bound
    from engine.model.extends import Raw
    from engine.model.model import Member
    from engine.model.nodes import Node

_RELATIONSHIPS = {"belongs_to": "many_to_one", "has_many": "one_to_many", "has_one": "one_to_one"}
_CAMEL_RELATIONSHIPS = {"belongsTo": "many_to_one", "hasMany": "one_to_many", "hasOne": "one_to_one"}
_MANY = {"manyToOne": "many_to_one", "oneToMany": "one_to_many", "oneToOne": "one_to_one"}
RELATIONSHIPS: Mapping[str, str] = ChainMap(
    _RELATIONSHIPS, _CAMEL_RELATIONSHIPS, _MANY, {name: name for name in ("many_to_one", "one_to_many", "one_to_one")}
)
MEASURE_TYPES = {
    "countDistinct": "count_distinct",
    "countDistinctApprox": "count_distinct_approx",
    "numberAgg": "number_agg",
}
"""Cube's other spellings of measure types."""

_SECTION_OF = ("dimensions", "measures", "segments")
_KINDS: Mapping[str, type[Member]] = {"dimensions": Dimension, "measures": Measure, "segments": Segment}


class CubeBuilder:
    """Builds all cubes; knows which members are being built, so that a circle of references is seen."""

    def __init__(self, raws: dict[str, Raw], dialect: str) -> None:
        self.raws = raws
        self.dialect = dialect
        self.graph: JoinGraph | None = None
        self.issues: list[Issue] = []
        self._built: dict[tuple[str, str], Member | None] = {}
        self._building: list[tuple[str, str]] = []
        self._sources: dict[str, Sql | None] = {}

    # What a binder asks.

    def cube_names(self) -> Iterable[str]:
        return self.raws.keys()

    def member_names(self, cube: str) -> Iterable[str]:
        raw = self.raws.get(cube)
        return [name for section in _SECTION_OF for name in raw.section(section)] if raw else []

    def member(self, cube: str, name: str) -> Member | None:
        """The member of that name, built if it has not been; None where there is none or it is wrong."""
        key = (cube, name)
        if key in self._built:
            return self._built[key]
        raw = self.raws.get(cube)
        section = next((each for each in _SECTION_OF if raw and name in raw.section(each)), None)
        if raw is None or section is None:
            return None
        node = raw.section(section)[name]
        if key in self._building:
            circle = " → ".join(f"{c}.{n}" for c, n in [*self._building[self._building.index(key) :], key])
            self.report(
                Issue("E_CYCLE", f"These members refer to one another in a circle: {circle}.", place=node.place)
            )
            return None
        self._building.append(key)
        build = {"dimensions": self._dimension, "measures": self._measure, "segments": self._segment}[section]
        built: Member | None = build(cube, name, node)
        self._building.pop()
        self._built[key] = built
        return built

    def source(self, cube: str) -> exp.Expr | None:
        """What a cube's rows come from: a table, or a query to stand in brackets."""
        raw = self.raws.get(cube)
        if raw is None:
            return None
        if table := raw.properties.get("sql_table"):
            return _table(str(table.data))
        sql = self._source(cube, raw)
        return sql.tree.copy() if sql else None

    def report(self, issue: Issue) -> None:
        if issue not in self.issues:
            self.issues.append(issue)

    # Building.

    def build(self) -> dict[str, Cube]:
        """All cubes; what is wrong is in `issues`."""
        joins = [join for name, raw in self.raws.items() for join in self._joins(name, raw)]
        self.graph = JoinGraph.of(joins)
        own = {name: {join.target: join for join in joins if join.source == name} for name in self.raws}
        return {name: self._cube(raw, own[name]) for name, raw in self.raws.items()}

    def binder(self, owner: str) -> Binder:
        return Binder(self, owner, self.dialect, self.report)

    def _cube(self, raw: Raw, joins: dict[str, Join]) -> Cube:
        for section in _SECTION_OF:
            for other in _SECTION_OF[: _SECTION_OF.index(section)]:
                for name in raw.section(section).keys() & raw.section(other).keys():
                    message = f"{name!r} names one of the {other} and one of the {section} of the cube {raw.name!r}."
                    self.report(Issue("E_DUPLICATE_NAME", message, place=raw.section(section)[name].place))
        properties = raw.properties
        table, sql = properties.get("sql_table"), properties.get("sql")
        found = {section: self._members(raw, section) for section in _SECTION_OF}
        return Cube(
            name=raw.name,
            place=raw.node.place,
            table=tuple(str(table.data).split(".")) if table else None,
            sql=self._source(raw.name, raw) if sql and not table else None,
            joins=joins,
            dimensions=found["dimensions"],
            measures=found["measures"],
            segments=found["segments"],
            hierarchies=self._hierarchies(raw),
            policies=policies(properties.get("access_policy")),
            freshness=freshness(properties.get("freshness")),
            title=_text(properties, "title") or _title(raw.name),
            description=_text(properties, "description"),
            public=public(raw.node, default=True),
            meta=_plain(properties, "meta"),
        )

    def _members(self, raw: Raw, section: str) -> dict[str, Any]:
        built = {name: self.member(raw.name, name) for name in raw.section(section)}
        # A name that stands in two sections is reported; the first of them has it.
        return {name: member for name, member in built.items() if isinstance(member, _KINDS[section])}

    def _source(self, cube: str, raw: Raw) -> Sql | None:
        if cube not in self._sources:
            self._sources[cube] = None
            node = raw.properties.get("sql")
            bound = self.binder(cube).source(node) if node else None
            self._sources[cube] = bound.sql if bound else None
        return self._sources[cube]

    def _joins(self, cube: str, raw: Raw) -> Iterable[Join]:
        for target, node in raw.section("joins").items():
            place = (node.get("name") or node).place
            if target not in self.raws:
                hint = did_you_mean(near(target, self.raws))
                message = f"The cube {cube!r} is joined to {target!r}, which does not exist."
                self.report(Issue("E_NAME_NOT_FOUND", message, place=place, hint=hint))
                continue
            if target == cube:
                hint = "Declare a second cube over the same table, with `extends`, and join that."
                self.report(Issue("E_JOIN", f"The cube {cube!r} is joined to itself.", place=place, hint=hint))
                continue
            relationship = RELATIONSHIPS.get(str(node.value("relationship")))
            sql = node.get("sql")
            bound = self.binder(cube).expression(sql) if sql else None
            if relationship is None or sql is None or bound is None:
                continue
            strange = [
                path
                for path in bound.sql.paths
                if len(path) > 2 or path[1:] not in {(), (target,), *self._partners(raw)}
            ]
            if strange or bound.measures:
                message = (
                    f"The condition of this join names something that is joined neither to {cube!r} nor to {target!r}."
                )
                hint = "It may name columns and dimensions of the two, and of cubes that the first reaches by many-to-one joins."
                self.report(Issue("E_JOIN", message, place=sql.place, hint=hint))
                continue
            keys = _keys(bound.sql.tree, cube)
            enforced = node.flag("enforced", default=False)
            yield Join(cube, target, relationship, bound.sql, node.place, keys, enforced)  # type: ignore[arg-type]

    def _partners(self, raw: Raw) -> set[tuple[str, ...]]:
        """The cubes to which a cube declares a join that multiplies nothing, each as the rest of a path to it."""
        joins = raw.section("joins").items()
        return {(name,) for name, node in joins if RELATIONSHIPS.get(str(node.value("relationship"))) != "one_to_many"}

    def _dimension(self, cube: str, name: str, node: Node) -> Dimension | None:
        return self.dimension(self.binder(cube), name, node)

    def dimension(self, binder: Binder, name: str, node: Node, aliases: Aliases | None = None) -> Dimension | None:
        """A dimension of the binder's owner; `aliases` are further names that its SQL may use, as a view's."""
        cube = binder.owner
        bound = _dimension_sql(binder, node, aliases)
        if bound is None:
            return None
        if bound.measures:
            if not node.flag("sub_query", default=False):
                measure = next(iter(bound.measures))
                hint = "Say `sub_query: true` to have the measure computed for each row."
                message = (
                    f"The dimension {cube}.{name} reads the measure {measure}, which is known only after grouping."
                )
                self.report(Issue("E_MEASURE_IN_DIMENSION", message, place=bound.sql.place, hint=hint))
                return None
            _read_sub_queries(bound, cube, filtered=node.flag("propagate_filters_to_sub_query", default=False))
        kind = str(node.value("type"))
        key = self._key(cube, name, node)
        primary = node.flag("primary_key", default=False)
        return Dimension(
            name=name,
            cube=cube,
            type=kind if kind in {"number", "boolean", "time"} else "string",  # type: ignore[arg-type]
            sql=bound.sql,
            place=node.place,
            title=node.text("title") or _title(name),
            description=node.text("description"),
            primary_key=primary,
            public=public(node, default=not primary),
            key=key,
            is_date=kind == "time" and _is_date(bound.sql.tree),
            format=node.value("format"),
            meta=node.value("meta"),
            values=values_of(node),
            synonyms=node.texts("synonyms"),
            examples=tuple(node.value("examples", ())),
            granularities=granularities_of(node, self.report),
        )

    def _key(self, cube: str, name: str, node: Node) -> Dimension | None:
        written = node.get("key")
        if written is None:
            return None
        key = str(written.data).removeprefix("{").removesuffix("}").split(".")[-1]
        found = self.member(cube, key)
        if not isinstance(found, Dimension):
            dimensions = self.raws[cube].section("dimensions")
            message = f"The key of {cube}.{name} is {key!r}, which is no dimension of {cube!r}."
            self.report(
                Issue("E_NAME_NOT_FOUND", message, place=written.place, hint=did_you_mean(near(key, dimensions)))
            )
            return None
        return found

    def _measure(self, cube: str, name: str, node: Node) -> Measure | None:
        return self.measure(self.binder(cube), name, node)

    def measure(self, binder: Binder, name: str, node: Node, aliases: Aliases | None = None) -> Measure | None:
        """A measure of the binder's owner; `aliases` are further names that its SQL may use, as a view's."""
        kind = MEASURE_TYPES.get(str(node.value("type", "number")), str(node.value("type", "number")))
        multi_stage = node.flag("multi_stage", default=False)
        sql = node.get("sql")
        bound = binder.expression(sql, aliases=aliases, staged=multi_stage) if sql else None
        if (sql is not None and bound is None) or (sql is None and kind not in {"count", "rank"}):
            return None
        filters = [
            binder.expression(part, aliases=aliases, staged=multi_stage)
            for entry in node.items("filters")
            if (part := entry.get("sql"))
        ]
        order = [
            (binder.expression(part, aliases=aliases, staged=True), entry.value("dir") == "desc")
            for entry in node.items("order_by")
            if (part := entry.get("sql"))
        ]
        if any(each is None for each in filters) or any(each is None for each, _ in order):
            return None
        found = [each for each in (bound, *filters, *(each for each, _ in order)) if each]
        references = {key: measure for each in found for key, measure in each.measures.items()}
        dimensions = {key: dimension for each in found for key, dimension in each.dimensions.items()}
        aggregate = kind in DERIVED_TYPES and not multi_stage and bound is not None and _aggregates(bound)
        percentile = node.value("percentile")
        if aggregate and bound is not None and (named := named_percentile(bound.sql)) is not None:
            kind, percentile, bound.sql = "percentile", *named
            aggregate = False
        measure = Measure(
            name=name,
            cube=binder.owner,
            type=kind,
            sql=bound.sql if bound else None,
            place=node.place,
            filters=tuple(each.sql for each in filters if each),
            references=references,
            dimensions=dimensions,
            aggregate=aggregate,
            title=node.text("title") or _title(name),
            description=node.text("description"),
            public=public(node, default=True),
            format=node.value("format"),
            unit=node.text("unit"),
            meta=node.value("meta"),
            fill_nulls_with=node.value("fill_nulls_with"),
            default_filters=node.flag("default_filters", default=True),
            synonyms=node.texts("synonyms"),
            examples=tuple(node.value("examples", ())),
            drill_members=node.texts("drill_members"),
            percentile=percentile,
            rolling_window=rolling_window_of(node),
            time_shift=time_shifts_of(node),
            multi_stage=multi_stage,
            grain=grain_of(node, binder.owner),
            order_by=tuple((each.sql, descending) for each, descending in order if each),
            non_additive=non_additive_of(node),
        )
        return measure if self._sound(measure, node) else None

    def _sound(self, measure: Measure, node: Node) -> bool:
        """Whether what a measure reads can be aggregated in its home; if not, it is reported."""
        place = (node.get("sql") or node).place
        if not measure.derived and not measure.multi_stage and measure.references and not measure.aggregate:
            reference = next(iter(measure.references))
            message = f"{measure.full_name} aggregates the measure {reference}, which is an aggregate already."
            hint = "Make it `type: number` to compute with measures, or `multi_stage: true` to aggregate their results."
            self.report(Issue("E_UNSAFE_REAGGREGATION", message, place=place, hint=hint))
            return False
        own = [each for each in (measure.sql, *measure.filters) if each]
        for path in {path for each in own for path in each.paths}:
            steps = self.graph.along(path) if self.graph else ()
            if steps is not None and any(step.direction == "down" for step in steps):
                step = next(step for step in steps if step.direction == "down")
                message = f"{measure.full_name} reads {path[-1]!r}, of which one row of {step.source!r} has many."
                hint = f"Declare the measure in {path[-1]!r}, or read it through a `sub_query` dimension."
                self.report(Issue("E_UNSAFE_REAGGREGATION", message, place=place, hint=hint))
                return False
        return True

    def _segment(self, cube: str, name: str, node: Node) -> Segment | None:
        return self.segment(self.binder(cube), name, node)

    def segment(self, binder: Binder, name: str, node: Node, aliases: Aliases | None = None) -> Segment | None:
        """A segment of the binder's owner; `aliases` are further names that its SQL may use, as a view's."""
        cube = binder.owner
        sql = node.get("sql")
        bound = binder.expression(sql, aliases=aliases) if sql else None
        if sql is None or bound is None:
            return None
        if bound.measures:
            message = f"The segment {cube}.{name} reads a measure, which is known only after grouping."
            self.report(
                Issue("E_MEASURE_IN_DIMENSION", message, place=sql.place, hint="Filter on the measure in the query.")
            )
            return None
        return Segment(
            name=name,
            cube=cube,
            sql=bound.sql,
            place=node.place,
            title=node.text("title") or _title(name),
            description=node.text("description"),
            public=public(node, default=True),
            meta=node.value("meta"),
        )

    def _hierarchies(self, raw: Raw) -> dict[str, Hierarchy]:
        return {
            name: Hierarchy(name, node.texts("levels"), node.text("title") or _title(name), public(node, default=True))
            for name, node in raw.section("hierarchies").items()
        }


def _dimension_sql(binder: Binder, node: Node, aliases: Aliases | None) -> Bound | None:
    if sql := node.get("sql"):
        return binder.expression(sql, aliases=aliases)
    if case := node.get("case"):
        return _searched_case(binder, case)
    latitude, longitude = node.get("latitude"), node.get("longitude")
    parts = [part.get("sql") for part in (latitude, longitude) if part]
    bounds = [binder.expression(part) for part in parts if part]
    if len(bounds) == 2 and bounds[0] and bounds[1]:
        first, second = bounds[0], bounds[1]
        text = exp.DataType(this=exp.DType.TEXT)
        first.sql = Sql(
            exp.DPipe(
                this=exp.DPipe(
                    this=exp.Cast(this=first.sql.tree, to=text),
                    expression=exp.Literal(this=",", is_string=True),
                    safe=False,
                ),
                expression=exp.Cast(this=second.sql.tree, to=text.copy()),
                safe=False,
            ),
            tuple(sorted({*first.sql.paths, *second.sql.paths})),
            first.sql.text,
            first.sql.place,
        )
        return first
    return None


def _read_sub_queries(bound: Bound, cube: str, *, filtered: bool) -> None:
    """Read each measure as the value of an instance of its own, joined to the owner's row."""
    holder = exp.Paren(this=bound.sql.tree)
    paths = set(bound.sql.paths)
    for column in list(holder.find_all(exp.Column)):
        if column.name in bound.measures and column.args.get("table") is None:
            path = (cube, sub_query_step(bound.measures[column.name], filtered=filtered))
            column.set("table", exp.Identifier(this=instance_name(path), quoted=False))
            column.set("this", exp.Identifier(this="value", quoted=False))
            paths.add(path)
    bound.sql = Sql(holder.this.pop(), tuple(sorted(paths)), bound.sql.text, bound.sql.place)
    bound.measures = {}


def _searched_case(binder: Binder, case: Node) -> Bound | None:
    """A dimension of labels: the first condition that holds gives the label."""
    ifs, bounds = [], []
    for entry in case.items("when"):
        condition = binder.expression(part) if (part := entry.get("sql")) else None
        label = _label(binder, entry)
        if condition is None or label is None:
            return None
        ifs.append(exp.If(this=condition.sql.tree, true=label[0]))
        bounds += [condition, *label[1]]
    default = _label(binder, otherwise) if (otherwise := case.get("else")) else None
    bounds += default[1] if default else []
    if not bounds:
        return None
    paths = tuple(sorted({path for each in bounds for path in each.sql.paths}))
    first = bounds[0]
    first.sql = Sql(exp.Case(ifs=ifs, default=default[0] if default else None), paths, first.sql.text, case.place)
    return first


def _label(binder: Binder, entry: Node) -> tuple[exp.Expr, list[Bound]] | None:
    label = entry.get("label")
    if label is None:
        return None
    if isinstance(label.data, dict):
        bound = binder.expression(part) if (part := label.get("sql")) else None
        return (bound.sql.tree, [bound]) if bound else None
    return exp.Literal(this=str(label.data), is_string=True), []


def _aggregates(bound: Bound) -> bool:
    """Whether the SQL of a `number` measure aggregates columns by itself."""
    found = bound.has_columns or any(bound.sql.tree.find_all(exp.AggFunc))
    return bool(found)


def named_percentile(sql: Sql) -> tuple[float, Sql] | None:
    """The share and the value of a percentile that the analyst wrote as SQL, so that every database can compute it."""
    tree = sql.tree
    if isinstance(tree, exp.Median):
        return 0.5, replace(sql, tree=tree.this, is_column=isinstance(tree.this, exp.Column))
    if not (isinstance(tree, exp.WithinGroup) and isinstance(tree.this, exp.PercentileCont)):
        return None
    share, order = tree.this.this, tree.expression
    terms = order.expressions if isinstance(order, exp.Order) else []
    if not isinstance(share, exp.Literal) or len(terms) != 1 or terms[0].args.get("desc"):
        return None
    value = terms[0].this
    return float(share.name), replace(sql, tree=value, is_column=isinstance(value, exp.Column))


def _keys(condition: exp.Expr, cube: str) -> tuple[tuple[str, str], ...] | None:
    """The pairs of columns that a condition equates, if it does nothing else."""
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    keys = []
    own = instance_name((cube,))
    for part in parts:
        plain = part.unnest()
        if not (
            isinstance(plain, exp.EQ) and isinstance(plain.left, exp.Column) and isinstance(plain.right, exp.Column)
        ):
            return None
        ours, theirs = (plain.left, plain.right) if plain.left.table == own else (plain.right, plain.left)
        if ours.table != own or theirs.table == own:
            return None
        keys.append((ours.name, theirs.name))
    return tuple(keys)


def _is_date(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Cast) and tree.to.this == exp.DType.DATE


def _table(name: str) -> exp.Table:
    parts = [exp.Identifier(this=part, quoted=False) for part in name.split(".")]
    names = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    return exp.Table(**names)


def public(node: Node, *, default: bool) -> bool:
    return node.flag("public", default=node.flag("shown", default=default))


def _text(properties: Mapping[str, Node], key: str) -> str | None:
    found = properties.get(key)
    return found.data if found and isinstance(found.data, str) else None


def _plain(properties: Mapping[str, Node], key: str) -> Any:
    return properties[key].data if key in properties else None


def _title(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()
