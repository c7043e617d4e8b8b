"""Random models with rows and queries: what a test draws is a `Case`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.oracle.builders import Choices, Link, Side, cube_of, joins_of, table_of
from tests.oracle.lean import lean
from tests.oracle.model import Data, Model, Query
from tests.oracle.random_queries import random_query
from tests.oracle.random_rows import BYTES_OF_ROW, MOST_ROWS, random_rows
from tests.oracle.random_views import random_view
from tests.oracle.shapes import SHAPES, Edge, Shape
from tests.oracle.tape import Tape
from tests.oracle.writer import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_QUERIES = 4

_BYTES_OF_MODEL = 100
_BYTES_OF_ROWS = 7 * MOST_ROWS * BYTES_OF_ROW
_BYTES_OF_QUERY = 80


@dataclass(frozen=True, repr=False)
class Case:
    """Questions to one model over one set of rows."""

    model: Model
    data: Data
    queries: tuple[Query, ...]
    security: Mapping[str, str | int]

    def __repr__(self) -> str:
        asked = [f"{query}" for query in self.queries]
        return "\n".join([described(self.model, self.data), *asked, f"security: {self.security}"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"\n{self!r}\n")


def described(model: Model, data: Data) -> str:
    """A model and its rows, to be read."""
    return to_yaml(model) + "\n".join(f"{table}: {row}" for table, rows in data.items() for row in rows)


def tapes() -> st.SearchStrategy[Tape]:
    """As many bytes as a case may need."""
    length = _BYTES_OF_MODEL + _BYTES_OF_ROWS + MOST_QUERIES * _BYTES_OF_QUERY
    return st.binary(min_size=length, max_size=length).map(Tape)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A model of any shape, rows, and questions to it; the model has no more members than the questions need."""
    tape = draw(tapes())
    model, data = random_model(tape)
    parts = [tape.part(_BYTES_OF_QUERY) for _ in range(MOST_QUERIES)]
    asked = tuple(random_query(part, model) for part in parts if part.one_of((False, True, True, True)))
    security = {} if tape.once_in(30) else {"tenant": 1}
    return Case(lean(model, asked), data, asked, security)


def random_model(tape: Tape, *, keyed: bool = False) -> tuple[Model, Data]:
    """A model of any shape with rows; with `keyed` every cube has a primary key, else those that need one."""
    of_model, of_rows = tape.part(_BYTES_OF_MODEL), tape.part(_BYTES_OF_ROWS)
    shape = of_model.one_of(SHAPES)
    tables = list(dict.fromkeys(shape.table(cube) for cube in shape.cubes))
    is_composite = {table: of_model.once_in(5) for table in tables}
    composites = {cube: is_composite[shape.table(cube)] for cube in shape.cubes}
    links = [_link(of_model, edge) for edge in shape.edges]
    above = {
        cube for edge in shape.edges for cube in ((edge.parent, edge.child) if edge.one_to_one else (edge.parent,))
    }
    chosen = {cube: _choices(of_model, shape, cube, composites[cube], keyed or cube in above) for cube in shape.cubes}
    cubes = [
        cube_of(cube, shape.table(cube), chosen[cube], joins_of(cube, links, composites, chosen[cube]))
        for cube in chosen
    ]
    model = Model(tuple(table_of(table, shape, composites) for table in tables), tuple(cubes))
    if of_model.once_in(2):
        model = replace(model, views=(random_view(of_model, model),))
    return model, random_rows(of_rows, shape, links, composites)


def _link(tape: Tape, edge: Edge) -> Link:
    sides: tuple[Side, ...] = ("child", "child", "parent", "both")
    return Link(edge, tape.one_of(sides), enforced=tape.once_in(4), few=tape.once_in(8))


def _choices(tape: Tape, shape: Shape, cube: str, composite: bool, keyed: bool) -> Choices:
    return Choices(
        composite=composite,
        keyed=not tape.once_in(6) or keyed,
        key_of_label=tape.once_in(3) and not composite,
        policy=tape.one_of(("none", "none", "none", "none", "none", "none", "tenant", "flagged")),
        per=tape.one_of((None, *shape.cubes)),
        child=tape.one_of((None, *(e.child for e in shape.edges if e.parent == cube and not e.one_to_one))),
        parent=tape.one_of((None, *(e.parent for e in shape.edges if e.child == cube and not e.one_to_one))),
    )
