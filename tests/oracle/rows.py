"""The rows that a caller may see, and how the rows of one cube are combined with those of others.

Times stand in the data in UTC without saying so; they are grouped, filtered and shown in the time zone of the query.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.oracle.expressions import Column, Expression, Member, compute, leaves
from tests.oracle.model import Cube, Data, Dimension, Model, Row, Security
from tests.oracle.operators import passes
from tests.oracle.paths import Graph, Path, Refused
from tests.oracle.times import Day, bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.oracle.names import Reference

Combination = dict[Path, Row | None]
"""One row for each place that a query reads, None where there is no partner."""


class Rows:
    """The data of a model as one caller sees it."""

    def __init__(self, model: Model, data: Data, security: Mapping[str, str | int], time_zone: str = "UTC") -> None:
        self.model = model
        self.data = data
        self.security = security
        self.zone = ZoneInfo(time_zone)
        self.graph = Graph(model)
        self.visible = cache(self._visible)
        self.looked_up = cache(self._measured)

    def combinations(self, home: str, row: Row, paths: Iterable[Path]) -> list[Combination]:
        """Every choice of one partner at each place of the paths; a row without partners has one, of nothing."""
        places = sorted({path[:n] for path in paths for n in range(2, len(path) + 1)}, key=len)
        found: list[Combination] = [{(home,): row}]
        for place in places:
            found = [each | {place: p} for each in found for p in self._partners(each[place[:-1]], place)]
        return found

    def value(self, reference: Reference, row: Row | None) -> Any:
        """The value of a dimension, or the truth of a segment, in a row that may be missing."""
        cube = self.model.cube(reference.owner)
        if not isinstance(reference.member, Dimension):
            return self.at(cube, row, reference.segment.sql)
        value = self.of_dimension(cube, row, reference.member)
        if isinstance(value, datetime) and not isinstance(value, Day):
            value = value.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)
        return bucket(value, reference.granularity) if reference.granularity else value

    def of_dimension(self, cube: Cube, row: Row | None, dimension: Dimension) -> Any:
        if row is None:
            return None
        return self._looked_up(cube, row, dimension) if dimension.sub_query else self.at(cube, row, dimension.sql)

    def _looked_up(self, cube: Cube, row: Row, dimension: Dimension) -> Any:
        """An expression over measures of another cube, computed for one row."""
        keys = tuple(self.of_dimension(cube, row, key) for key in cube.dimensions if key.primary_key)

        def look(leaf: Column | Member) -> Any:
            assert isinstance(leaf, Member)
            found = self.looked_up(cube.name, f"{leaf.cube}.{leaf.name}").get(keys)
            return 0 if found is None and leaf.name == "count" else found

        return compute(dimension.sql, look)

    def look_up_for(self, references: Iterable[Reference], paths: Iterable[Path]) -> None:
        """Look up all that dimensions and joins need, also for rows that are none; raises `Refused` where it may not be read."""
        joined = [
            (edge[0], self.graph.few[edge]) for path in paths for edge in pairwise(path) if edge in self.graph.few
        ]
        asked = [(each.owner, each.member.name) for each in references if isinstance(each.member, Dimension)]
        for cube, name in (*joined, *asked):
            dimension = self.model.cube(cube).dimension(name)
            for leaf in leaves(dimension.sql) if dimension.sub_query else ():
                assert isinstance(leaf, Member)
                self.looked_up(cube, f"{leaf.cube}.{leaf.name}")

    def _measured(self, cube: str, measure: str) -> dict[tuple[Any, ...], Any]:
        """A measure by the primary key of a cube, over the rows that may be seen."""
        from tests.oracle.evaluator import evaluate

        keys = [f"{cube}.{each.name}" for each in self.model.cube(cube).dimensions if each.primary_key]
        rows = evaluate(self.model, self.data, {"measures": [measure], "dimensions": keys}, self.security)
        return {tuple(row[key] for key in keys): row[measure] for row in rows}

    def at(self, cube: Cube, row: Row | None, expression: Expression) -> Any:
        """An expression of a cube over one of its rows; all columns of a missing row are NULL."""

        def look(leaf: Column | Member) -> Any:
            if isinstance(leaf, Column):
                return None if row is None else row[leaf.name]
            if leaf.cube is None:
                return self.of_dimension(cube, row, cube.dimension(leaf.name))
            owner = self.model.cube(leaf.cube)
            return self.of_dimension(owner, self._above(cube, row, leaf.cube), owner.dimension(leaf.name))

        return compute(expression, look)

    def _above(self, cube: Cube, row: Row | None, target: str) -> Row | None:
        """The one row that many-to-one steps lead to."""
        if row is None:
            return None
        path = self.graph.choose(cube.name, [(target, None)])[target, None]
        [combination] = self.combinations(cube.name, row, [path])
        return combination[path]

    def _partners(self, row: Row | None, place: Path) -> Sequence[Row | None]:
        """The rows of a place's last cube that a row of the cube before it is joined to."""
        on = self.graph.columns[place[-2], place[-1]]
        if row is None or any(row[ours] is None for ours, _ in on) or self._has_many(row, place[-2:]):
            return [None]
        found = [r for r in self.visible(place[-1]) if all(row[ours] == r[theirs] for ours, theirs in on)]
        return found or [None]

    def _has_many(self, row: Row, edge: Path) -> bool:
        """Whether what a join looks up for a row leaves it without partners."""
        name = self.graph.few.get((edge[0], edge[1]))
        if name is None:
            return False
        cube = self.model.cube(edge[0])
        return bool(self.of_dimension(cube, row, cube.dimension(name)) >= 2)

    def _visible(self, name: str) -> list[Row]:
        """The rows of a cube that its access policy leaves (rule 15)."""
        cube = self.model.cube(name)
        rows = self.data[cube.table]
        for policy in cube.policy:
            values = [self._secret(value) if isinstance(value, Security) else value for value in policy.values]
            dimension = cube.dimension(policy.member)
            rows = [
                r
                for r in rows
                if passes(policy.operator, self.of_dimension(cube, r, dimension), values, dimension.type)
            ]
        return rows

    def _secret(self, value: Security) -> str | int:
        if value.name not in self.security:
            raise Refused("E_SECURITY_VALUE")
        return self.security[value.name]
