"""Every filter operator: the types on which it makes sense, and what it means there, nulls included, against plain Python."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import QueryError
from engine.model.operators import OPERATORS, operator_named
from tests.engine.worlds import HERE as FOLDER
from tests.engine.worlds import SHOP, World
from tests.oracle.database import DIALECTS, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable

THINGS = World("things", FOLDER / "things" / "model.yml")

WORDS = {1: "apple", 2: "Apple pie", 3: "50%", 4: "a_b", 5: "it's !", 6: None, 7: ""}
AMOUNTS = {1: 1, 2: 2.5, 3: -3, 4: 0, 5: 10, 6: None, 7: 2.5}
FLAGS = {1: True, 2: False, 3: True, 4: False, 5: None, 6: True, 7: False}

TEXT_ONLY = {"contains", "notContains", "startsWith", "notStartsWith", "endsWith", "notEndsWith"}
TIME_ONLY = {"inDateRange", "notInDateRange", "beforeDate", "beforeOrOnDate", "afterDate", "afterOrOnDate"}
ORDERED = {"gt", "gte", "lt", "lte"}
ACCEPTED = {
    "things.word": OPERATORS.keys() - TIME_ONLY,
    "things.amount": OPERATORS.keys() - TIME_ONLY - TEXT_ONLY,
    "things.flag": {"equals", "notEquals", "set", "notSet"},
    "things.at": OPERATORS.keys() - TEXT_ONLY,
    "things.on": OPERATORS.keys() - TEXT_ONLY,
    "things.count": {"equals", "notEquals", "set", "notSet"} | ORDERED,
    "things.newest": OPERATORS.keys() - TEXT_ONLY,
}
VALUES = {
    "things.word": "a",
    "things.amount": 1,
    "things.flag": True,
    "things.at": "2025-01-01",
    "things.on": "2025-01-01",
    "things.count": 1,
    "things.newest": "2025-01-01",
}


def ids(dialect: Dialect, *filters: dict[str, Any], **options: Any) -> set[int]:
    """The things that pass."""
    return {row[0] for row in THINGS.ask({"dimensions": ["things.id"], "filters": list(filters)}, dialect, **options)}  # type: ignore[misc]


def one(member: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"member": f"things.{member}", "operator": operator, "values": list(values)}


def refused(*filters: dict[str, Any], dimensions: tuple[str, ...] = ("things.id",)) -> list[str]:
    with pytest.raises(QueryError) as caught:
        THINGS.compile({"dimensions": list(dimensions), "filters": list(filters)})
    return [issue.code for issue in caught.value.issues]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("member", ACCEPTED)
def test_an_operator_is_accepted_where_it_makes_sense_and_refused_elsewhere(member: str, operator: str) -> None:
    written = {"member": member, "operator": operator, "values": [VALUES[member]]}
    if operator in ACCEPTED[member]:
        THINGS.compile({"dimensions": ["things.id"], "filters": [written]})
    else:
        with pytest.raises(QueryError) as caught:
            THINGS.compile({"dimensions": ["things.id"], "filters": [written]})
        [issue] = caught.value.issues
        assert (issue.code, issue.member) == ("E_OPERATOR", "filters[0]")
        assert issue.hint is not None


def has(part: str) -> Callable[[str | None], bool]:
    return lambda word: word is not None and part.lower() in word.lower()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("operator", "values", "passes"),
    [
        ("equals", ["apple"], lambda x: x == "apple"),
        ("equals", ["apple", "50%", ""], lambda x: x in ("apple", "50%", "")),
        ("equals", ["apple", None], lambda x: x in ("apple", None)),
        ("equals", [None], lambda x: x is None),
        ("equals", ["it's !"], lambda x: x == "it's !"),
        ("notEquals", ["apple"], lambda x: x != "apple"),
        ("notEquals", ["apple", "50%"], lambda x: x not in ("apple", "50%")),
        ("notEquals", ["apple", None], lambda x: x not in ("apple", None)),
        ("notEquals", [None], lambda x: x is not None),
        ("contains", ["APPLE"], has("apple")),
        ("contains", ["%"], has("%")),
        ("contains", ["_", "!"], lambda x: has("_")(x) or has("!")(x)),
        ("contains", [""], lambda x: x is not None),
        ("contains", ["apple", None], lambda x: x is None or has("apple")(x)),
        ("notContains", ["apple"], lambda x: not has("apple")(x)),
        ("notContains", ["apple", None], lambda x: x is not None and not has("apple")(x)),
        ("notContains", ["apple", "_"], lambda x: not has("apple")(x) and not has("_")(x)),
        ("startsWith", ["app", "5"], lambda x: x is not None and x.lower().startswith(("app", "5"))),
        ("notStartsWith", ["app"], lambda x: x is None or not x.lower().startswith("app")),
        ("startsWith", [None], lambda x: x is None),
        ("notStartsWith", [None], lambda x: x is not None),
        ("endsWith", ["PIE", "b"], lambda x: x is not None and x.lower().endswith(("pie", "b"))),
        ("notEndsWith", ["e"], lambda x: x is None or not x.lower().endswith("e")),
        ("gt", ["a_b"], lambda x: x is not None and x > "a_b"),
        ("lte", ["Apple pie"], lambda x: x is not None and x <= "Apple pie"),
        ("set", [], lambda x: x is not None),
        ("notSet", [], lambda x: x is None),
    ],
)
def test_what_operators_mean_on_texts(
    dialect: Dialect, operator: str, values: list[Any], passes: Callable[[str | None], bool]
) -> None:
    assert ids(dialect, one("word", operator, *values)) == {id_ for id_, word in WORDS.items() if passes(word)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("operator", "values", "passes"),
    [
        ("equals", [2.5], lambda x: x == 2.5),
        ("equals", ["2.5", "-3"], lambda x: x in (2.5, -3)),
        ("notEquals", [2.5], lambda x: x != 2.5),
        ("gt", ["0"], lambda x: x is not None and x > 0),
        ("gte", [2.5], lambda x: x is not None and x >= 2.5),
        ("lt", ["1e1"], lambda x: x is not None and x < 10),
        ("lte", [0], lambda x: x is not None and x <= 0),
        ("notSet", [], lambda x: x is None),
    ],
)
def test_what_operators_mean_on_numbers(
    dialect: Dialect, operator: str, values: list[Any], passes: Callable[[float | None], bool]
) -> None:
    assert ids(dialect, one("amount", operator, *values)) == {id_ for id_, value in AMOUNTS.items() if passes(value)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("operator", "values", "passes"),
    [
        ("equals", [True], lambda x: x is True),
        ("equals", ["no"], lambda x: x is False),
        ("equals", ["true", None], lambda x: x is not False),
        ("notEquals", ["TRUE"], lambda x: x is not True),
        ("set", [], lambda x: x is not None),
    ],
)
def test_what_operators_mean_on_booleans(
    dialect: Dialect, operator: str, values: list[Any], passes: Callable[[bool | None], bool]
) -> None:
    assert ids(dialect, one("flag", operator, *values)) == {id_ for id_, value in FLAGS.items() if passes(value)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("member", ["at", "on"])
@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("equals", ["2025-01-31"], {2}),
        ("equals", ["2025-01", None], {1, 2, 6}),
        ("notEquals", ["2025-01"], {3, 4, 5, 6, 7}),
        ("notEquals", ["2025-01", "2025-02"], {5, 6, 7}),
        ("notEquals", ["2025-01", None], {3, 4, 5, 7}),
        ("inDateRange", ["2025-01-01", "2025-01-31"], {1, 2}),
        ("inDateRange", ["2025-01"], {1, 2}),
        ("inDateRange", ["from 2025-01-31 to 2025-02-01"], {2, 3}),
        ("inDateRange", ["last month"], {3, 4}),
        ("notInDateRange", ["2025-01-01", "2025-01-31"], {3, 4, 5, 6, 7}),
        ("beforeDate", ["2025-01-31"], {1, 5}),
        ("beforeOrOnDate", ["2025-01-31"], {1, 2, 5}),
        ("afterDate", ["2025-01-31"], {3, 4, 7}),
        ("afterOrOnDate", ["2025-01-31"], {2, 3, 4, 7}),
        ("gt", ["2025-02"], {7}),
        ("gte", ["2025-02"], {3, 4, 7}),
        ("lt", ["2025-02"], {1, 2, 5}),
        ("lte", ["2025-02"], {1, 2, 3, 4, 5}),
        ("set", [], {1, 2, 3, 4, 5, 7}),
        ("notSet", [], {6}),
    ],
)
def test_what_operators_mean_on_times_and_days(
    dialect: Dialect, member: str, operator: str, values: list[Any], expected: set[int]
) -> None:
    assert ids(dialect, one(member, operator, *values), now=datetime(2025, 3, 5, tzinfo=UTC)) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("equals", ["2025-02-15T12:30:00"], {4}),
        ("beforeDate", ["2025-02-15T12:30:00"], {1, 2, 3, 5}),
        ("beforeOrOnDate", ["2025-02-15T12:30:00"], {1, 2, 3, 4, 5}),
        ("afterDate", ["2025-02-15T12:30:00"], {7}),
        ("inDateRange", ["2025-01-31T23:59:59", "2025-02-15T12:30:00"], {2, 3, 4}),
        ("inDateRange", ["2025-01-31T23:59:59.001", "2025-02-15T12:29:59.999"], {3}),
    ],
)
def test_an_instant_is_compared_to_the_millisecond(
    dialect: Dialect, operator: str, values: list[Any], expected: set[int]
) -> None:
    assert ids(dialect, one("at", operator, *values)) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("number", [10**40, "1" + "0" * 40, 2**63, 1e40])
def test_a_number_beyond_what_databases_keep_whole_is_compared_all_the_same(dialect: Dialect, number: Any) -> None:
    assert ids(dialect, one("amount", "lt", number)) == {1, 2, 3, 4, 5, 7}
    assert ids(dialect, one("amount", "equals", number, 0)) == {4}
    assert ids(dialect, one("amount", "gt", number)) == set()


@pytest.mark.parametrize("number", [10**400, "9" * 5000, 10**5000], ids=["400", "text", "5000"])
def test_a_number_beyond_all_numbers_is_refused_in_few_words(number: Any) -> None:
    with pytest.raises(QueryError) as caught:
        THINGS.compile({"dimensions": ["things.id"], "filters": [one("amount", "gt", number)]})
    [issue] = caught.value.issues
    assert issue.code == "E_VALUE"
    assert len(issue.message) < 200


@pytest.mark.parametrize("key", ["limit", "offset"])
@pytest.mark.parametrize("count", [2**63, str(2**63), "9" * 5000, -1], ids=["more", "text", "digits", "less"])
def test_a_count_beyond_what_databases_keep_is_refused(key: str, count: Any) -> None:
    with pytest.raises(QueryError) as caught:
        THINGS.compile({"dimensions": ["things.id"], key: count})
    [issue] = caught.value.issues
    assert (issue.code, issue.member) == ("E_QUERY", key)
    assert f"from 0 to {THINGS.model.settings.limits.rows if key == 'limit' else 2**63 - 1}, not " in issue.message
    assert len(issue.message) < 200


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_largest_offset_leaves_nothing(dialect: Dialect) -> None:
    assert THINGS.ask({"dimensions": ["things.id"], "offset": 2**63 - 1}, dialect) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_groups_of_filters_nest(dialect: Dialect) -> None:
    apples = one("word", "contains", "apple")
    either = {"or": [apples, {"and": [one("amount", "gt", 2), one("flag", "notEquals", True)]}]}
    assert ids(dialect, either) == {1, 2, 5, 7}
    assert ids(dialect, either, one("amount", "lt", 10)) == {1, 2, 7}
    assert ids(dialect, {"and": [either, {"or": [apples, one("id", "equals", 7)]}]}) == {1, 2, 7}


@pytest.mark.parametrize("spelling", ["eq", "IN", "=", "is", "Equals"])
def test_an_operator_has_other_spellings(spelling: str) -> None:
    assert operator_named(spelling) is OPERATORS["equals"]


def test_cubes_filter_by_what_a_measure_counts_is_refused_by_name() -> None:
    with pytest.raises(QueryError, match="measureFilter, which filters rows by what a metric counts, is not run"):
        SHOP.compile(
            {"measures": ["orders.count"], "filters": [{"member": "orders.count", "operator": "measureFilter"}]}
        )


def test_an_unknown_operator_is_told_with_those_that_there_are() -> None:
    with pytest.raises(QueryError) as caught:
        THINGS.compile({"dimensions": ["things.id"], "filters": [one("word", "contain", "a")]})
    [issue] = caught.value.issues
    assert issue.code == "E_OPERATOR"
    assert "contains" in issue.candidates
    assert "startsWith" in str(issue.hint)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (one("word", "equals"), "E_VALUE"),
        (one("word", "gt", "a", "b"), "E_VALUE"),
        (one("word", "gt", None), "E_VALUE"),
        (one("word", "equals", ["a"]), "E_VALUE"),
        (one("amount", "equals", "many"), "E_VALUE"),
        (one("amount", "equals", "nan"), "E_VALUE"),
        (one("amount", "gt", "inf"), "E_VALUE"),
        (one("flag", "equals", "perhaps"), "E_VALUE"),
        (one("at", "equals", 2025), "E_VALUE"),
        (one("at", "equals", "some day"), "E_DATE"),
        (one("at", "inDateRange", "2025-02-01", "2025-01-01"), "E_DATE"),
        (one("at", "inDateRange", "2025-01-01", "2025-01-02", "2025-01-03"), "E_VALUE"),
        (one("kind", "equals", "neww"), "E_VALUE_UNKNOWN"),
        (one("count", "gt", "few"), "E_VALUE"),
        (one("count", "gt", None), "E_VALUE"),
        (one("count", "contains", "1"), "E_OPERATOR"),
        (one("count", "inDateRange", "2025-01-01"), "E_OPERATOR"),
        (one("newest", "gt", 2025), "E_VALUE"),
        (one("newest", "inDateRange", "2025-02-01", "2025-01-01"), "E_DATE"),
        (one("wort", "equals", "a"), "E_NAME_NOT_FOUND"),
        (one("at.month", "equals", "2025-01"), "E_FILTER"),
        ({"or": []}, "E_FILTER"),
        ({"or": [one("word", "set"), one("count", "gt", 1)]}, "E_FILTER"),
    ],
)
def test_what_cannot_be_compared_is_refused(written: dict[str, Any], code: str) -> None:
    assert refused(written) == [code]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_of_an_enumeration_go_by_their_other_names_in_any_case(dialect: Dialect) -> None:
    assert ids(dialect, one("kind", "equals", "fresh")) == {1, 4, 6}
    assert ids(dialect, one("kind", "equals", "USED", "Gone")) == {2, 3, 7}
    assert ids(dialect, one("kind", "notEquals", "brand new")) == {2, 3, 5, 7}
    assert ids(dialect, one("kind", "equals", None)) == {5}


def test_a_value_that_an_enumeration_does_not_know_is_told_with_near_ones() -> None:
    with pytest.raises(QueryError) as caught:
        THINGS.compile({"dimensions": ["things.id"], "filters": [one("kind", "equals", "fresch")]})
    [issue] = caught.value.issues
    assert issue.candidates == ("new",)
    assert "new, in_use, gone" in str(issue.hint)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (one("count", "equals", 2), {"in_use"}),
        (one("count", "notEquals", 2), {"new", "gone", None}),
        (one("count", "gt", "2"), {"new"}),
        (one("count", "lte", 1), {"gone", None}),
        (one("count", "equals", 1, 3), {"new", "gone", None}),
        (one("total", "gte", 5), {"in_use", None}),
        (one("total", "notSet"), set()),
        (one("latest", "equals", "50%"), {"gone"}),
        (one("newest", "inDateRange", "2025-02-01", "2025-02-15"), {"new", "gone"}),
        (one("newest", "notInDateRange", "2025-02-01", "2025-02-15"), {"in_use", None}),
        (one("newest", "inDateRange", "February 2025"), {"new", "gone"}),
        (one("newest", "beforeDate", "2025-02-01"), {None}),
        (one("newest", "afterDate", "2025-02-15"), {"in_use"}),
        (one("newest", "gte", "2025-02-15T12:30:00"), {"new", "in_use"}),
        (one("newest", "equals", "2025-02-15"), {"new"}),
        (one("newest", "notEquals", "2025-02-15", None), {"in_use", "gone", None}),
        ({"or": [one("count", "gt", 2), one("total", "lt", 0)]}, {"new", "gone"}),
        ({"and": [one("count", "gt", 1), one("total", "set")]}, {"new", "in_use"}),
    ],
)
def test_what_operators_mean_on_metrics(dialect: Dialect, written: dict[str, Any], expected: set[str | None]) -> None:
    rows = THINGS.ask({"measures": ["things.count"], "dimensions": ["things.kind"], "filters": [written]}, dialect)
    assert {row[0] for row in rows} == expected
