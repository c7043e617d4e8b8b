"""The tables and cubes that random models are made of: each has every kind of column, dimension and measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.oracle.expressions import (
    AsDate,
    Calculate,
    Case,
    Coalesce,
    Column,
    Compare,
    Expression,
    IsNull,
    Junction,
    Literally,
    Member,
    NullIf,
)
from tests.oracle.model import (
    ColumnType,
    Cube,
    DeclaredFilter,
    Dimension,
    Grain,
    Join,
    Measure,
    NonAdditive,
    Rolling,
    Security,
    Segment,
    Shift,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.oracle.shapes import Edge, Shape

PLAIN_COLUMNS: tuple[tuple[str, ColumnType], ...] = (
    ("label", "text"),
    ("amount", "integer"),
    ("rate", "float"),
    ("flag", "boolean"),
    ("happened_at", "timestamp"),
    ("tenant", "integer"),
    ("day_on", "date"),
)

IS_BIG = Compare(">", Column("amount"), Literally(1))


Policy = Literal["none", "tenant", "flagged"]

POLICIES: dict[Policy, tuple[DeclaredFilter, ...]] = {
    "none": (),
    "tenant": (DeclaredFilter("tenant", "equals", (Security("tenant"),)),),
    "flagged": (DeclaredFilter("flag", "notEquals", ("false",)), DeclaredFilter("label", "notEquals", ("a",))),
}


@dataclass(frozen=True)
class Choices:
    """What is drawn for one cube beyond its place in the shape.

    `per` is the cube whose count a ratio divides by, `parent` the cube beside it that some of its members read, `child` one below
    it, of which measures are looked up for each row.
    """

    composite: bool = False
    keyed: bool = True
    key_of_label: bool = False
    policy: Policy = "none"
    per: str | None = None
    parent: str | None = None
    child: str | None = None


Side = Literal["child", "parent", "both"]


@dataclass(frozen=True)
class Link:
    """What is drawn for one edge: from which side its join is declared, and whether the database enforces it.

    `few`: only children that have few children of their own are joined, where that can be looked up.
    """

    edge: Edge
    side: Side = "child"
    enforced: bool = False
    few: bool = False


def key_columns(composite: bool) -> tuple[str, ...]:
    return ("key_a", "key_b") if composite else ("id",)


def foreign_columns(parent: str, composite: bool) -> tuple[str, ...]:
    return tuple(f"{parent}_{column}" for column in key_columns(composite))


def table_of(name: str, shape: Shape, composites: dict[str, bool]) -> Table:
    """A table with its key, the keys of all that its cubes point at, and the plain columns."""
    cubes = [cube for cube in shape.cubes if shape.table(cube) == name]
    keys = key_columns(composites[cubes[0]])
    parents = [edge.parent for edge in shape.edges if edge.child in cubes]
    foreign = [column for parent in parents for column in foreign_columns(parent, composites[parent])]
    numbers: list[tuple[str, ColumnType]] = [(column, "integer") for column in (*keys, *foreign)]
    return Table(name, (*numbers, *PLAIN_COLUMNS))


def cube_of(name: str, table: str, choices: Choices, joins: tuple[Join, ...]) -> Cube:
    """A cube with one of everything."""
    return Cube(
        name=name,
        table=table,
        dimensions=tuple(_dimensions(choices)),
        measures=tuple(_measures(name, choices)),
        segments=(
            Segment("big", IS_BIG),
            Segment("loose", Junction("OR", IsNull(Column("label")), Column("flag"))),
        ),
        joins=joins,
        policy=POLICIES[choices.policy],
    )


def joins_of(cube: str, links: Iterable[Link], composites: dict[str, bool], choices: Choices) -> tuple[Join, ...]:
    """The joins that a cube declares."""
    below = "below" if choices.child and choices.keyed else None
    found = []
    for link in links:
        edge = link.edge
        keys = key_columns(composites[edge.parent])
        foreign = foreign_columns(edge.parent, composites[edge.parent])
        if edge.child == cube and link.side != "parent":
            on = tuple(zip(foreign, keys, strict=True))
            few = below if link.few and link.side == "child" else None
            enforced = link.enforced and not few
            found.append(Join(edge.parent, "one_to_one" if edge.one_to_one else "many_to_one", on, enforced, few))
        if edge.parent == cube and link.side != "child":
            on = tuple(zip(keys, foreign, strict=True))
            found.append(Join(edge.child, "one_to_one" if edge.one_to_one else "one_to_many", on))
    return tuple(found)


def _dimensions(choices: Choices) -> Iterable[Dimension]:
    for column in key_columns(choices.composite):
        yield Dimension(column, "number", Column(column), primary_key=choices.keyed)
    size = Case(((IS_BIG, Literally("big")),), Literally("small"))
    yield Dimension("label", "string", Column("label"), key="id" if choices.key_of_label else None)
    yield Dimension("size", "string", size)
    yield Dimension("named", "string", Coalesce(Member("label"), Literally("none")))
    yield Dimension("amount", "number", Column("amount"))
    yield Dimension("twice", "number", Calculate("*", Column("amount"), Literally(2)))
    yield Dimension("flag", "boolean", Column("flag"))
    yield Dimension("happened_at", "time", Column("happened_at"))
    yield Dimension("tenant", "number", Column("tenant"))
    yield Dimension("day_on", "time", AsDate(Column("day_on")))
    if choices.child and choices.keyed:
        yield Dimension("below", "number", Member("count", choices.child), sub_query=True)
        yield Dimension(
            "below_total", "number", Calculate("+", Member("total", choices.child), Literally(1)), sub_query=True
        )
    if choices.parent:
        yield Dimension("above", "string", Coalesce(Member("label", choices.parent), Literally("none")))
        yield Dimension("gap", "number", Calculate("-", Column("amount"), Member("amount", choices.parent)))


MOVING = ("rolling_total", "rolling_count", "to_date", "ahead", "ever", "prior", "growth", "prior_rolling")


def _measures_of_time() -> Iterable[Measure]:
    amount = Column("amount")
    month_before = (Shift("1 month"),)
    yield Measure("rolling_total", "sum", amount, rolling=Rolling(trailing="2 months"))
    yield Measure("rolling_count", "count", filters=(IS_BIG,), rolling=Rolling(trailing="unbounded"))
    yield Measure("to_date", "max", amount, rolling=Rolling(to_date="quarter"))
    yield Measure("ahead", "count_distinct", Column("label"), rolling=Rolling("1 month", "1 month", "start"))
    yield Measure("ever", "sum", amount, rolling=Rolling("unbounded", "unbounded"))
    yield Measure("prior", "number", Member("total"), time_shift=month_before)
    yield Measure("growth", "number", Calculate("-", Member("count"), Member("prior")))
    yield Measure("prior_rolling", "number", Member("rolling_total"), time_shift=(Shift("1 year", "next"),))
    yield Measure("closing", "sum", amount, non_additive=NonAdditive("happened_at"))
    yield Measure("opening", "count", filters=(IS_BIG,), non_additive=NonAdditive("happened_at", "first"))
    yield Measure("peak", "sum", amount, non_additive=NonAdditive("happened_at", "max"))
    yield Measure("middle", "median", amount)
    yield Measure("three_quarters", "percentile", Column("rate"), percentile=0.75)


def _measures_of_stages() -> Iterable[Measure]:
    total = Member("total")
    yield Measure("whole", "sum", total, grain=Grain(keep_only=()))
    yield Measure("of_label", "number", Member("labels"), grain=Grain(keep_only=("label",)))
    yield Measure("per_label", "avg", total, grain=Grain(include=("label",)))
    yield Measure("typical", "percentile", total, percentile=0.4, grain=Grain(include=("label",)))
    yield Measure("half_of", "median", Member("lowest"), grain=Grain(keep_only=("flag",), include=("size",)))
    yield Measure("best", "max", Member("count"), grain=Grain(keep_only=("flag",), include=("size",)))
    yield Measure("least", "min", Member("lowest"), grain=Grain(exclude=("label", "happened_at")))
    yield Measure(
        "off_label", "number", Calculate("-", Member("mean"), Member("count")), grain=Grain(exclude=("label",))
    )
    yield Measure("place", "rank", total, grain=Grain(exclude=("flag",)))
    yield Measure("part", "number", Calculate("/", total, Member("whole")))


def _measures(name: str, choices: Choices) -> Iterable[Measure]:
    flagged: tuple[Expression, ...] = (Column("flag"),)
    both: tuple[Expression, ...] = (IS_BIG, Compare("<>", Member("label"), Literally("a")))
    yield Measure("count", "count")
    yield Measure("labelled", "count", Column("label"))
    yield Measure("big_count", "count", filters=(IS_BIG,))
    yield Measure("total", "sum", Column("amount"))
    yield Measure("total_rate", "sum", Calculate("+", Column("rate"), Member("amount")))
    yield Measure("flagged", "sum", Column("amount"), filters=flagged)
    yield Measure("mean", "avg", Column("amount"), filters=both)
    yield Measure("lowest", "min", Column("rate"))
    yield Measure("highest", "max", Member("twice"))
    yield Measure("labels", "count_distinct", Column("label"))
    yield Measure("about", "count_distinct_approx", Column("label"))
    yield Measure("big_labels", "count_distinct", Member("named"), filters=(IS_BIG,))
    yield Measure("filled", "sum", Column("amount"), filters=flagged, fill_nulls_with=0)
    yield Measure("unfiltered", "sum", Column("amount"), default_filters=False)
    yield Measure("latest", "max", Column("happened_at"))
    yield Measure("first_label", "min", Member("named"))
    if choices.parent:
        above = Compare("=", Member("flag", choices.parent), Literally(True))
        yield Measure("above_total", "sum", Calculate("+", Column("amount"), Member("amount", choices.parent)))
        yield Measure("above_count", "count", filters=(above,))
        yield Measure("above_labels", "count_distinct", Member("label", choices.parent))
    yield from _measures_of_time()
    yield from _measures_of_stages()
    yield Measure("share", "number", Calculate("/", Member("big_count"), Member("count")))
    yield Measure("balance", "number", Calculate("-", Member("filled"), Member("share")))
    if choices.per:
        divisor = NullIf(Member("count", choices.per), Literally(0))
        yield Measure("per_other", "number", Calculate("/", Member("total", name), divisor))
