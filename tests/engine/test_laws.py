"""What holds of every answer, whatever the model, the rows and the question: checked on the engine alone.

A law says that the answers to two questions fit together. The evaluator takes no part; of it only the ways through a
model are used, to choose questions that a law speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, note

from engine.errors import EngineError
from tests.engine.asking import Asker, random_cases, same
from tests.oracle.database import DIALECTS, Dialect
from tests.oracle.expressions import Member, leaves
from tests.oracle.lean import lean
from tests.oracle.model import Cube, Data, DeclaredFilter, Dimension, Model, Query, Row, Security
from tests.oracle.names import Reference, resolve
from tests.oracle.operators import NEGATIONS
from tests.oracle.paths import Graph
from tests.oracle.random_queries import random_filter
from tests.oracle.strategies import Case, cases, described, random_model, tapes
from tests.oracle.times import CUSTOM, bucket

if TYPE_CHECKING:
    from tests.oracle.tape import Tape

ADDITIVE = ("count", "labelled", "big_count", "total", "flagged")
GRANULARITIES = ("second", "minute", "hour", "day", "week", "month", "quarter", "year", *CUSTOM)
FINE_AND_COARSE = (
    *(("day", "month"), ("day", "week"), ("month", "quarter"), ("month", "year"), ("hour", "day")),
    *(("day", "half"), ("month", "half")),
)

Groups = dict[frozenset[tuple[str, Any]], Row]
"""The measures of each group, by its dimensions."""

laws = random_cases(share=4)


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker()


@dataclass(frozen=True)
class World:
    """A model without views, with rows, and the engine to ask about them."""

    asker: Asker
    model: Model
    data: Data

    def ask(self, query: Query, dialect: Dialect = "sqlite") -> list[Row]:
        """The answer; a case in which the question is refused shows nothing of a law."""
        try:
            return self.asker.ask(lean(self.model, [query]), self.data, query, dialect, {"tenant": 1}).rows
        except EngineError:
            assume(condition=False)
            raise

    def groups(self, query: Query) -> Groups:
        measures = query["measures"]
        found: Groups = {}
        for row in self.ask(query):
            group = frozenset((name, value) for name, value in row.items() if name not in measures)
            assert group not in found, f"{group} stands in two rows"
            found[group] = {name: row[name] for name in measures}
        return found

    def total(self, measure: str, **query: Any) -> Any:
        """A measure without dimensions."""
        [row] = self.ask({"measures": [measure], **query})
        return row[measure]


@dataclass(frozen=True)
class Home:
    """A cube, and the cubes that it reaches by many-to-one steps, itself among them."""

    name: str
    above: tuple[Cube, ...]

    def dimensions(self, *kinds: str) -> list[str]:
        return [f"{c.name}.{d.name}" for c in self.above for d in c.dimensions if not kinds or d.type in kinds]


def world_of(asker: Asker, tape: Tape) -> tuple[World, Home]:
    model, data = random_model(tape, keyed=True)
    model = replace(model, views=())
    note(described(model, data))
    graph = Graph(model)
    home = tape.one_of(model.cubes).name
    above = []
    for cube in model.cubes:
        lengths = [len(path) for path in graph.all_paths((home,), cube.name) if graph.only_up(path)]
        if lengths and lengths.count(min(lengths)) == 1:
            above.append(cube)
    return World(asker, model, data), Home(home, tuple(above))


def uncut(query: Query) -> Query:
    """The query in groups, without what cuts or orders its answer, and without filters on its measures."""
    kept = {key: value for key, value in query.items() if key not in ("limit", "offset", "order", "ungrouped")}
    return kept | {
        "filters": [each for each in query.get("filters", ()) if each.get("member") not in query["measures"]]
    }


def hidden_measures(query: Query) -> list[str]:
    """What the query orders by and does not show."""
    times = {
        f"{each['dimension']}.{each['granularity']}"
        for each in query.get("timeDimensions", ())
        if "granularity" in each
    }
    return [
        name for name, _ in query.get("order", ()) if name not in times.union(query["measures"], query["dimensions"])
    ]


def by_columns(row: Row) -> str:
    """A row as text that does not depend on the order of its columns."""
    return repr(sorted(row.items(), key=lambda item: item[0]))


@laws
@given(case=cases())
def test_a_measure_does_not_depend_on_which_others_are_asked(asker: Asker, case: Case) -> None:
    assume(bool(case.queries))
    world = World(asker, case.model, case.data)
    query = uncut(case.queries[0])
    together = world.groups(query)
    for measure in query["measures"]:
        alone = world.groups(query | {"measures": [measure]})
        assert alone.keys() <= together.keys()
        assert same([alone[group][measure] for group in alone], [together[group][measure] for group in alone])
        assert all(together[group][measure] in (None, 0) for group in together.keys() - alone.keys())


@laws
@given(case=cases())
def test_the_order_of_members_changes_nothing(asker: Asker, case: Case) -> None:
    assume(bool(case.queries))
    world = World(asker, case.model, case.data)
    query = uncut(case.queries[0])
    turned = {key: value[::-1] if isinstance(value, list) else value for key, value in query.items()}
    assert same(world.groups(turned), world.groups(query))


@laws
@given(tape=tapes())
def test_the_groups_of_an_additive_measure_add_up_to_its_total(asker: Asker, tape: Tape) -> None:
    world, home = world_of(asker, tape)
    measure = f"{home.name}.{tape.one_of(ADDITIVE)}"
    filters = [random_filter(tape, references(world.model, home.dimensions()))] if tape.once_in(2) else []
    dimensions = tape.some_of(home.dimensions(), 2)
    groups = world.groups({"measures": [measure], "dimensions": dimensions, "filters": filters})
    parts = [row[measure] for row in groups.values()]
    assert same(sum(part or 0 for part in parts), world.total(measure, filters=filters) or 0)


@laws
@given(tape=tapes())
def test_a_condition_and_its_negation_part_the_rows(asker: Asker, tape: Tape) -> None:
    world, home = world_of(asker, tape)
    measure = f"{home.name}.{tape.one_of(ADDITIVE)}"
    condition = random_filter(tape, references(world.model, home.dimensions()), depth=0)
    opposites = NEGATIONS | {positive: negative for negative, positive in NEGATIONS.items()}
    assume(condition["operator"] in opposites)
    negation = condition | {"operator": opposites[condition["operator"]]}
    parts = [world.total(measure, filters=[part]) for part in (condition, negation)]
    assert same(sum(part or 0 for part in parts), world.total(measure) or 0)


@laws
@given(tape=tapes())
def test_a_coarse_bucket_is_the_sum_of_its_fine_ones(asker: Asker, tape: Tape) -> None:
    world, home = world_of(asker, tape)
    measure, time = f"{home.name}.{tape.one_of(ADDITIVE)}", tape.one_of(home.dimensions("time"))
    fine, coarse = tape.one_of(FINE_AND_COARSE)
    sums: dict[Any, Any] = {}
    for row in world.ask(by_time(measure, time, fine)):
        start = bucket(row[f"{time}.{fine}"], coarse)
        sums[start] = sums.get(start, 0) + (row[measure] or 0)
    rows = world.ask(by_time(measure, time, coarse))
    assert same({row[f"{time}.{coarse}"]: row[measure] or 0 for row in rows}, sums)


@laws
@given(tape=tapes())
def test_every_row_lies_in_its_bucket(asker: Asker, tape: Tape) -> None:
    world, home = world_of(asker, tape)
    time, granularity = tape.one_of(home.dimensions("time")), tape.one_of(GRANULARITIES)
    query = by_time(f"{home.name}.count", time, granularity) | {"dimensions": [time]}
    for dialect in DIALECTS:
        for row in world.ask(query, dialect):
            assert row[f"{time}.{granularity}"] == bucket(row[time], granularity), dialect


@laws
@given(case=cases())
def test_order_limit_and_offset_change_no_row(asker: Asker, case: Case) -> None:
    assume(bool(case.queries))
    world = World(asker, case.model, case.data)
    query = {key: value for key, value in case.queries[0].items() if key not in ("limit", "offset")}
    whole = world.ask(query)
    for start, count in ((0, 1), (1, 2), (0, 50)):
        assert same(world.ask(query | {"offset": start, "limit": count}), whole[start : start + count])
    # A measure that rows are ordered by and that is not shown is asked for all the same: it brings the rows of its cube.
    hidden = hidden_measures(query)
    unordered = {key: value for key, value in query.items() if key != "order"}
    rows = world.ask(unordered | {"measures": [*query["measures"], *hidden]})
    shown = [{name: value for name, value in row.items() if name not in hidden} for row in rows]
    assert sorted(map(by_columns, shown)) == sorted(map(by_columns, whole))


@laws
@given(tape=tapes())
def test_a_segment_equals_its_filter(asker: Asker, tape: Tape) -> None:
    world, _ = world_of(asker, tape)
    cube, counted = tape.one_of(world.model.cubes).name, tape.one_of(world.model.cubes).name
    big = {"member": f"{cube}.amount", "operator": "gt", "values": ["1"]}
    unlabelled = {"member": f"{cube}.label", "operator": "notSet"}
    flagged = {"member": f"{cube}.flag", "operator": "equals", "values": ["true"]}
    segment, condition = tape.one_of((("big", big), ("loose", {"or": [unlabelled, flagged]})))
    query: Query = {"measures": [f"{counted}.count", f"{counted}.total"], "dimensions": [f"{counted}.label"]}
    by_segment = world.groups(query | {"segments": [f"{cube}.{segment}"]})
    assert same(by_segment, world.groups(query | {"filters": [condition]}))


@laws
@given(tape=tapes())
def test_a_policy_on_the_home_equals_the_same_filter_asked_openly(asker: Asker, tape: Tape) -> None:
    world, home = world_of(asker, tape)
    open_cubes = tuple(replace(cube, policy=()) for cube in world.model.cubes)
    policy = (DeclaredFilter("tenant", "equals", (Security("tenant"),)),)
    guarded_cubes = tuple(replace(cube, policy=policy) if cube.name == home.name else cube for cube in open_cubes)
    dimensions = [f"{c.name}.{d.name}" for c in open_cubes for d in c.dimensions if not reads(d, home.name)]
    query: Query = {
        "measures": [f"{home.name}.{name}" for name in tape.some_of(("count", "total", "mean", "labels"), 3)],
        "dimensions": tape.some_of(dimensions, 2),
    }
    assume(bool(query["measures"]))
    guarded = replace(world, model=replace(world.model, cubes=guarded_cubes))
    unguarded = replace(world, model=replace(world.model, cubes=open_cubes))
    tenant = {"member": f"{home.name}.tenant", "operator": "equals", "values": ["1"]}
    assert same(guarded.groups(query), unguarded.groups(query | {"filters": [tenant]}))


def reads(dimension: Dimension, cube: str) -> bool:
    """Whether a dimension reads other rows of a cube, which its policy hides and a filter on the rows asked does not."""
    return any(isinstance(leaf, Member) and leaf.cube == cube for leaf in leaves(dimension.sql))


def references(model: Model, names: list[str]) -> list[Reference]:
    return [resolve(model, name) for name in names]


def by_time(measure: str, time: str, granularity: str) -> Query:
    return {"measures": [measure], "timeDimensions": [{"dimension": time, "granularity": granularity}]}
