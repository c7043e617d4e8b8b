"""Which way is taken through a model (DESIGN rule 6), on graphs drawn in a few words."""

from __future__ import annotations

import itertools

import pytest
from sqlglot import exp

import engine
from engine.errors import Place
from engine.model.graph import JoinGraph
from engine.model.members import Join, Path, Relationship, Sql
from engine.model.paths import NoPath, Tie, bound_path, choose_paths, is_valid, reachable, shown
from tests.engine.asking import loaded

NOWHERE = Place("", 1, 1)
SIGNS: dict[str, Relationship] = {">": "many_to_one", "<": "one_to_many", "=": "one_to_one"}

TESTIO = (
    "tests > products; features > products; test_features > tests; test_features > features; bugs > tests; "
    "bugs > test_features; bugs > testers; bug_devices > bugs; test_platforms > tests"
)


def graph(drawn: str) -> JoinGraph:
    """The graph of joins such as "bugs > tests": many bugs have one test."""
    joins = []
    for each in drawn.split(";"):
        source, sign, target = each.split()
        condition = Sql(exp.true(), ((source,), (source, target)), "", NOWHERE)
        joins.append(Join(source, target, SIGNS[sign], condition, NOWHERE))
    return JoinGraph.of(joins)


def chosen(drawn: str, home: str, targets: str, bound: tuple[Path, ...] = ()) -> dict[str, str] | NoPath | Tie:
    found = choose_paths(graph(drawn), home, targets.split(), bound)
    return {target: shown([path]) for target, path in found.items()} if isinstance(found, dict) else found


@pytest.mark.parametrize(
    ("home", "targets", "expected"),
    [
        ("bugs", "bugs", {"bugs": "bugs"}),
        ("bugs", "products", {"products": "bugs.tests.products"}),
        # Each by its own shortest way up, whatever else is asked.
        ("bugs", "products features", {"products": "bugs.tests.products", "features": "bugs.test_features.features"}),
        # Through the bridge, unless something else has to be gone down for anyway.
        ("tests", "features", {"features": "tests.test_features.features"}),
        ("tests", "testers", {"testers": "tests.bugs.testers"}),
        ("tests", "features testers", {"features": "tests.bugs.test_features.features", "testers": "tests.bugs.testers"}),
        ("tests", "bugs features", {"bugs": "tests.bugs", "features": "tests.bugs.test_features.features"}),
        # What is reached by steps up alone never takes part in the choice.
        ("tests", "products testers", {"products": "tests.products", "testers": "tests.bugs.testers"}),
        ("tests", "bug_devices", {"bug_devices": "tests.bugs.bug_devices"}),
        ("tests", "test_platforms testers", {"test_platforms": "tests.test_platforms", "testers": "tests.bugs.testers"}),
        ("test_features", "testers", {"testers": "test_features.bugs.testers"}),
        ("products", "test_features", {"test_features": "products.tests.test_features"}),
        ("products", "testers", {"testers": "products.tests.bugs.testers"}),
        ("testers", "features", {"features": "testers.bugs.test_features.features"}),
    ],
)  # fmt: skip
def test_the_ways_through_the_model_of_testio(home: str, targets: str, expected: dict[str, str]) -> None:
    model = TESTIO
    if home == "products":
        model = TESTIO.replace("features > products; ", "", 1)
    assert chosen(model, home, targets) == expected


def test_up_and_then_down_is_no_way() -> None:
    assert chosen(TESTIO, "bugs", "test_platforms") == NoPath("bugs", "test_platforms")
    assert chosen(TESTIO, "test_platforms", "bugs") == NoPath("test_platforms", "bugs")
    assert not is_valid(graph(TESTIO), ("bugs", "tests", "test_platforms"))
    assert not is_valid(graph(TESTIO), ("bugs", "features"))
    assert is_valid(graph(TESTIO), ("tests", "bugs", "testers"))
    assert is_valid(graph(TESTIO), ("products", "tests", "bugs", "bug_devices"))


def test_what_is_reachable_is_what_has_a_way() -> None:
    drawn = graph(TESTIO)
    for home in drawn.steps:
        for target in drawn.steps:
            ways = choose_paths(drawn, home, [target])
            assert (target in reachable(drawn, home)) == (not isinstance(ways, NoPath))


def test_two_equally_short_ways_up_are_a_tie_also_where_a_longer_one_goes_elsewhere() -> None:
    tie = chosen("a > b; a > c; b > d; c > d", "a", "d")
    assert tie == Tie("a", "d", ((("a", "b", "d"),), (("a", "c", "d"),)))
    assert chosen("a > b; a > c; b > d; c > d", "a", "b d") == tie
    assert chosen("a > b; a > c; b > d; c > x; x > d", "a", "d") == {"d": "a.b.d"}


def test_two_equally_good_trees_are_a_tie() -> None:
    assert isinstance(chosen("b > a; c > a; b > d; c > d", "a", "d"), Tie)
    # What is bound already makes one of them cheaper.
    assert chosen("b > a; c > a; b > d; c > d", "a", "d", (("a", "c"),)) == {"d": "a.c.d"}


def test_fewer_steps_down_are_better_than_fewer_steps() -> None:
    assert chosen("b > a; b > c; c > d; x > a; y > x; y > d", "a", "d") == {"d": "a.b.c.d"}
    assert chosen("b > a; c > b; c > d; b > e; e > f; f > d", "a", "d") == {"d": "a.b.e.f.d"}


def test_a_one_to_one_step_may_stand_anywhere() -> None:
    assert chosen("a = b; b > c", "a", "c") == {"c": "a.b.c"}
    assert chosen("b > c; a = b", "c", "a") == {"a": "c.b.a"}
    assert chosen("a > b; b = c", "a", "c") == {"c": "a.b.c"}
    assert chosen("a > b; b = c; d > c", "a", "d") == NoPath("a", "d")
    assert is_valid(graph("a = b; c > b; c = d; d > e"), ("a", "b", "c", "d", "e"))


def test_a_join_is_one_whichever_side_declares_it() -> None:
    assert chosen("a < b", "a", "b") == chosen("b > a", "a", "b") == {"b": "a.b"}
    assert chosen("a < b", "b", "a") == chosen("b > a", "b", "a") == {"a": "b.a"}


def test_circles_end() -> None:
    assert chosen("a > b; b > c; c > a; c > d", "a", "d") == {"d": "a.b.c.d"}
    assert chosen("a = b; b = c; c = a", "a", "c") == {"c": "a.c"}


def test_many_ways_are_still_chosen_among_in_time() -> None:
    layers = [[f"l{layer}_{index}" for index in range(4)] for layer in range(6)]
    joins = [f"{lower} > {upper}" for up, down in itertools.pairwise(layers) for upper in up for lower in down]
    assert isinstance(chosen("; ".join(joins), "l5_0", "l0_0"), Tie)
    assert isinstance(chosen("; ".join(joins), "l0_0", "l5_0"), Tie)


def test_a_long_chain_is_walked() -> None:
    drawn = graph("; ".join(f"c{index + 1} > c{index}" for index in range(1500)))
    assert len(drawn.up_paths("c1500")["c0"][0]) == 1501
    assert "c1500" in reachable(drawn, "c0")


def test_a_prescribed_way_binds_from_wherever_the_home_stands_in_it() -> None:
    way = ("bugs", "test_features", "tests", "products")
    assert bound_path("bugs", way, (), "products") == way
    assert bound_path("tests", way, (), "products") == ("tests", "products")
    assert bound_path("testers", way, (), "products") is None
    assert bound_path("tests", None, (("a", "products"), way), "products") == ("tests", "products")
    assert bound_path("tests", ("tests", "bugs"), (way,), "products") == ("tests", "products")


def test_a_way_up_and_down_again_is_refused_by_the_name_of_where_it_turns() -> None:
    model = loaded(
        """
cubes:
  - name: losses
    sql_table: losses
    joins: [{name: claims, relationship: many_to_one, sql: "{CUBE}.claim_id = {claims.id}"}]
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
    measures: [{name: total, sql: amount, type: sum}]
  - name: claims
    sql_table: claims
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
  - name: coverages
    sql_table: coverages
    joins:
      - {name: claims, relationship: many_to_one, sql: "{CUBE}.claim_id = {claims.id}"}
      - {name: policies, relationship: many_to_one, sql: "{CUBE}.policy_id = {policies.id}"}
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
  - name: policies
    sql_table: policies
    dimensions: [{name: id, sql: id, type: number, primary_key: true}, {name: number, sql: number, type: string}]
  - name: islands
    sql_table: islands
    dimensions: [{name: name, sql: name, type: string}]
"""
    )
    with pytest.raises(engine.QueryError) as refused:
        engine.compile_query({"measures": ["losses.total"], "dimensions": ["policies.number"]}, model)
    assert "the way there goes up to 'claims' and down to 'coverages'" in str(refused.value)
    with pytest.raises(engine.QueryError, match="no join leads from 'losses' to 'islands'"):
        engine.compile_query({"measures": ["losses.total"], "dimensions": ["islands.name"]}, model)
