"""Cubes and their members, built from what the analyst wrote; each member when it is first needed, so that order is free."""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from engine.errors import Issue, did_you_mean
from engine.model.binder import Aliases, Binder
from engine.model.conditions import freshness, policies
from engine.model.declarations import (
    granularities_of,
    values_of,
)
from engine.model.dimension_sql import dimension_sql, is_date, read_sub_queries
from engine.model.graph import JoinGraph
from engine.model.measures import build_measure
from engine.model.members import (
    Dimension,
    Join,
    Measure,
    Segment,
    Sql,
    as_written,
    instance_name,
    is_sub_query_step,
)
from engine.model.model import Cube, Hierarchy
from engine.model.nodes import public, title_of
from engine.model.pre_aggregations import pre_aggregations_of
from engine.model.rows import condition_mistake, row_mistake
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.errors import Place
    from engine.model.extends import Raw
    from engine.model.members import DimensionType
    from engine.model.model import Member
    from engine.model.nodes import Node

_RELATIONSHIPS = {"belongs_to": "many_to_one", "has_many": "one_to_many", "has_one": "one_to_one"}
_CAMEL_RELATIONSHIPS = {"belongsTo": "many_to_one", "hasMany": "one_to_many", "hasOne": "one_to_one"}
_MANY = {"manyToOne": "many_to_one", "oneToMany": "one_to_many", "oneToOne": "one_to_one"}
RELATIONSHIPS: Mapping[str, str] = ChainMap(
    _RELATIONSHIPS, _CAMEL_RELATIONSHIPS, _MANY, {name: name for name in ("many_to_one", "one_to_many", "one_to_one")}
)
_DIMENSION_TYPES: Mapping[Any, DimensionType] = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "time": "time",
    "geo": "string",
}
_SECTION_OF = ("dimensions", "measures", "segments")
_TABLE_PART = re.compile(r"""("(?:[^"]|"")+"|`[^`]+`|[^\s."`()]+)(\.|\Z)""")
_KINDS: Mapping[str, type[Member]] = {"dimensions": Dimension, "measures": Measure, "segments": Segment}


class CubeBuilder:
    """Builds all cubes; knows which members are being built, so that a circle of references is seen."""

    def __init__(self, raws: dict[str, Raw], dialect: str, *, unread: bool = False) -> None:
        self.raws = raws
        self.dialect = dialect
        self.unread = unread
        self.unjoined = unread
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
            self._circle(self._building[self._building.index(key) :], section, node)
            return None
        self._building.append(key)
        build = {"dimensions": self._dimension, "measures": self._measure, "segments": self._segment}[section]
        built: Member | None = build(cube, name, node)
        self._building.pop()
        self._built[key] = built
        return built

    def _circle(self, members: list[tuple[str, str]], section: str, node: Node) -> None:
        circle = " → ".join(f"{cube}.{name}" for cube, name in [*members, members[0]])
        hint = "Break it at one place."
        if len(members) == 1 and section == "dimensions":
            hint = f"If its column is meant, write {{CUBE}}.{members[0][1]}."
        message = f"These members refer to one another in a circle: {circle}."
        self.report(Issue("E_CYCLE", message, place=node.place, hint=hint))

    def source(self, cube: str) -> exp.Expr | None:
        """What a cube's rows come from: a table, or a query to stand in brackets."""
        raw = self.raws.get(cube)
        if raw is None:
            return None
        if table := raw.properties.get("sql_table"):
            return _table(table_parts(str(table.data)) or ())
        sql = self._source(cube, raw)
        return sql.tree.copy() if sql else None

    def report(self, issue: Issue) -> None:
        if issue not in self.issues:
            self.issues.append(issue)

    def is_keyed(self, cube: str) -> bool:
        """Whether a primary key is declared for a cube, be it wrongly."""
        entries = self.raws[cube].section("dimensions").values()
        return any(
            key.startswith("primary") and value is not False for each in entries for key, value in each.data.items()
        )

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
            table=self._table(table) if table else None,
            sql=self._source(raw.name, raw) if sql and not table else None,
            joins=joins,
            dimensions=found["dimensions"],
            measures=found["measures"],
            segments=found["segments"],
            hierarchies=self._hierarchies(raw),
            policies=policies(properties.get("access_policy")),
            pre_aggregations=pre_aggregations_of(raw.name, raw.section("pre_aggregations")),
            freshness=freshness(properties.get("freshness")),
            title=_text(properties, "title") or title_of(raw.name),
            description=_text(properties, "description"),
            public=public(raw.node, default=True),
            meta=_plain(properties, "meta"),
        )

    def _table(self, node: Node) -> tuple[str, ...]:
        parts = table_parts(str(node.data))
        if parts is None:
            message = f"{node.data!r} is no name of a table."
            hint = 'Write orders, shop.orders or "Orders"; a query stands under `sql`.'
            self.report(Issue("E_SQL", message, place=node.place, hint=hint))
        return parts or ("",)

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
        for written, node in raw.section("joins").items():
            place = (node.get("name") or node).place
            target = self._target(cube, written, place)
            if target is None:
                self.unjoined = True
                continue
            relationship = RELATIONSHIPS.get(str(node.value("relationship")), "many_to_one")
            found = self._condition(cube, raw, target, node) if target == written else None
            # A join that is wrong in itself still joins, or every path that needs it would be told as missing.
            condition, keys = found or (Sql(exp.true(), (), "", place), None)
            enforced = node.flag("enforced", default=False)
            yield Join(cube, target, relationship, condition, node.place, keys, enforced)  # type: ignore[arg-type]

    def _target(self, cube: str, written: str, place: Place) -> str | None:
        """The cube that a join leads to, or the one that is probably meant; None where there is none."""
        if written == cube:
            hint = "Declare a second cube over the same table, with `extends`, and join that."
            self.report(Issue("E_JOIN", f"The cube {cube!r} is joined to itself.", place=place, hint=hint))
            return None
        if written in self.raws:
            return written
        candidates = near(written, self.raws)
        if not self.unread:
            message = f"The cube {cube!r} is joined to {written!r}, which does not exist."
            self.report(Issue("E_NAME_NOT_FOUND", message, place=place, hint=did_you_mean(candidates)))
        free = [each for each in candidates if each != cube and each not in self.raws[cube].section("joins")]
        return free[0] if free and not self.unread else None

    def _condition(
        self, cube: str, raw: Raw, target: str, node: Node
    ) -> tuple[Sql, tuple[tuple[str, str], ...] | None] | None:
        """The condition of a join and the keys that it equates, or None if it is wrong, which is then reported."""
        sql = node.get("sql")
        bound = self.binder(cube).expression(sql) if sql else None
        if sql is None or bound is None:
            return None
        known = {(), (target,), *self._partners(raw)}
        strange = [
            path
            for path in bound.sql.paths
            if path[1:] not in known and not (len(path) == 2 and is_sub_query_step(path[1]))
        ]
        if strange or bound.measures:
            looked_up = next((path[-2] for path in strange if is_sub_query_step(path[-1])), None)
            message = (
                f"The condition of this join names something that is joined neither to {cube!r} nor to {target!r}."
                if looked_up is None
                else f"The condition of this join reads a `sub_query` dimension of {looked_up!r}, which is joined only by then."
            )
            hint = (
                "It may name columns and dimensions of the two, and of cubes that the first reaches by many-to-one joins;"
                f" `sub_query` dimensions of {cube!r} alone."
            )
            self.report(Issue("E_JOIN", message, place=sql.place, hint=hint))
            return None
        return bound.sql, _keys(bound.sql.tree, cube)

    def _partners(self, raw: Raw) -> set[tuple[str, ...]]:
        """The cubes to which a cube declares a join that multiplies nothing, each as the rest of a path to it."""
        joins = raw.section("joins").items()
        return {(name,) for name, node in joins if RELATIONSHIPS.get(str(node.value("relationship"))) != "one_to_many"}

    def _dimension(self, cube: str, name: str, node: Node) -> Dimension | None:
        return self.dimension(self.binder(cube), name, node)

    def dimension(self, binder: Binder, name: str, node: Node, aliases: Aliases | None = None) -> Dimension | None:
        """A dimension of the binder's owner; `aliases` are further names that its SQL may use, as a view's."""
        cube, kind = binder.owner, node.text("type")
        bound = dimension_sql(binder, node, aliases)
        if bound is None or kind not in _DIMENSION_TYPES:
            return None
        mistake = row_mistake(bound.sql.tree, f"The dimension {cube}.{name}")
        if mistake is not None:
            self.report(Issue(mistake[0], mistake[1], place=bound.sql.place, hint=mistake[2]))
            return None
        if bound.measures:
            if node.flag("multi_stage", default=False):
                return None  # It is refused by name, with what to declare instead.
            if not node.flag("sub_query", default=False):
                measure = next(iter(bound.measures))
                hint = "Say `sub_query: true` to have the measure computed for each row."
                message = (
                    f"The dimension {cube}.{name} reads the measure {measure}, which is known only after grouping."
                )
                self.report(Issue("E_MEASURE_IN_DIMENSION", message, place=bound.sql.place, hint=hint))
                return None
            read_sub_queries(bound, cube, filtered=node.flag("propagate_filters_to_sub_query", default=False))
        key = self._key(cube, name, node)
        primary = node.flag("primary_key", default=False)
        return Dimension(
            name=name,
            cube=cube,
            type=_DIMENSION_TYPES[kind],
            sql=bound.sql,
            place=node.place,
            title=node.text("title") or title_of(name),
            description=node.text("description"),
            primary_key=primary,
            public=public(node, default=not primary),
            key=key,
            is_date=kind == "time" and is_date(bound.sql.tree),
            format=node.value("format"),
            meta=node.value("meta"),
            values=values_of(node),
            synonyms=node.texts("synonyms"),
            examples=tuple(entry.data for entry in node.items("examples")),
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
        return build_measure(binder, name, node, self.graph, aliases)

    def _segment(self, cube: str, name: str, node: Node) -> Segment | None:
        return self.segment(self.binder(cube), name, node)

    def segment(self, binder: Binder, name: str, node: Node, aliases: Aliases | None = None) -> Segment | None:
        """A segment of the binder's owner; `aliases` are further names that its SQL may use, as a view's."""
        cube = binder.owner
        sql = node.get("sql")
        bound = binder.expression(sql, aliases=aliases) if sql else None
        if sql is None or bound is None:
            return None
        mistake = condition_mistake(bound.sql.tree, bound.alone, f"The segment {cube}.{name}")
        if mistake is not None:
            self.report(Issue(mistake[0], mistake[1], place=sql.place, hint=mistake[2]))
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
            title=node.text("title") or title_of(name),
            description=node.text("description"),
            public=public(node, default=True),
            meta=node.value("meta"),
        )

    def _hierarchies(self, raw: Raw) -> dict[str, Hierarchy]:
        return {
            name: Hierarchy(
                name,
                node.texts("levels"),
                node.text("title") or title_of(name),
                public(node, default=True),
                (node.get("levels") or node).place,
            )
            for name, node in raw.section("hierarchies").items()
        }


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
        keys.append((as_written(ours), as_written(theirs)))
    return tuple(keys)


def table_parts(written: str) -> tuple[str, ...] | None:
    """The parts of a table's qualified name, a quoted one in double quotes; None if it is no such name.

    >>> table_parts('shop."Orders"'), table_parts("`my-project.shop.orders`"), table_parts("SELECT 1")
    (('shop', '"Orders"'), ('"my-project"', '"shop"', '"orders"'), None)
    """
    parts: list[str] = []
    text = written.strip()
    while match := _TABLE_PART.match(text):
        part, text = match[1], text[match.end() :]
        if part[0] == "`":
            parts += [f'"{each}"' for each in part[1:-1].split(".")]
        else:
            parts.append(part)
        if match[2] == "":
            break
    return tuple(parts) if parts and not text else None


def _table(parts: tuple[str, ...]) -> exp.Table:
    nodes = [exp.Identifier(this=part.strip('"').replace('""', '"'), quoted=part.startswith('"')) for part in parts]
    return exp.Table(**dict(zip(("this", "db", "catalog"), reversed(nodes), strict=False)))


def _text(properties: Mapping[str, Node], key: str) -> str | None:
    found = properties.get(key)
    return found.data if found and isinstance(found.data, str) else None


def _plain(properties: Mapping[str, Node], key: str) -> Any:
    return properties[key].data if key in properties else None
