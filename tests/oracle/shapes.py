"""Shapes of join graphs that models of the world have, and that engines get wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edge:
    """Rows of `child` point at a row of `parent`; in a one-to-one join at most one row does."""

    child: str
    parent: str
    one_to_one: bool = False


@dataclass(frozen=True)
class Shape:
    """Cubes and how they are joined; cubes share a table where `tables` says so."""

    edges: tuple[Edge, ...]
    alone: tuple[str, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()

    @property
    def cubes(self) -> tuple[str, ...]:
        names = [name for edge in self.edges for name in (edge.parent, edge.child)]
        return tuple(dict.fromkeys([*names, *self.alone]))

    def table(self, cube: str) -> str:
        return dict(self.tables).get(cube, f"{cube}_table")


def _shape(*edges: str, alone: tuple[str, ...] = (), tables: tuple[tuple[str, str], ...] = ()) -> Shape:
    """A shape of edges written `child>parent`, or `child=parent` for one-to-one."""
    pairs = [(edge.replace("=", ">").split(">"), "=" in edge) for edge in edges]
    return Shape(tuple(Edge(child, parent, flat) for (child, parent), flat in pairs), alone, tables)


SHAPES = (
    # one table; two that nothing joins
    _shape(alone=("orders",)),
    _shape(alone=("orders", "weather")),
    # a chain of one-to-many steps
    _shape("orders>customers"),
    _shape("items>orders", "orders>customers", "customers>regions"),
    # facts over shared parents
    _shape("orders>customers", "returns>customers", "customers>regions"),
    _shape("orders>customers", "returns>customers", "visits>customers", "orders>products", "returns>products"),
    # a bridge, many-to-many
    _shape("students>schools", "enrolments>students", "enrolments>courses"),
    _shape("tagged>posts", "tagged>tags", "comments>posts"),
    # a diamond: two ways of equal length to one parent
    _shape("orders>customers", "orders>shops", "customers>cities", "shops>cities"),
    # a short way and a long way to one parent
    _shape("orders>customers", "customers>cities", "orders>cities", "items>orders"),
    # one parent in two roles, over one table
    _shape(
        "flights>origins",
        "flights>targets",
        "bookings>flights",
        tables=(("origins", "airports_table"), ("targets", "airports_table")),
    ),
    # a table joined to itself
    _shape("staff>bosses", "staff>teams", "tasks>staff", tables=(("staff", "people"), ("bosses", "people"))),
    # one-to-one beside, above and below one-to-many steps
    _shape("profiles=customers", "orders>customers", "notes>profiles"),
    _shape("details=orders", "orders>customers", "items>orders", "details>carriers"),
    # tests, bugs and features: a fact below a bridge below another fact
    _shape(
        "tests>products",
        "test_features>tests",
        "test_features>features",
        "bugs>tests",
        "bugs>test_features",
        "bugs>testers",
        "platforms>tests",
    ),
    # two children of one row, and grandchildren of one of them
    _shape("items>orders", "payments>orders", "parts>items", "orders>customers"),
)
