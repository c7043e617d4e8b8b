"""From a mapping in either form to one query; every mistake of form at once, each with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import QueryError
from engine.query.parser import parse_query
from engine.query.query import DateRange, Filter, FilterGroup, Query, TimeDimension
from tests.engine.worlds import TESTIO


def wrong(query: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    return [(issue.code, issue.member) for issue in caught.value.issues]


def test_both_forms_say_the_same() -> None:
    cube = {
        "measures": ["a.count"],
        "dimensions": ["a.b"],
        "timeDimensions": [{"dimension": "a.t", "granularity": "month", "dateRange": "last year"}],
        "filters": [{"member": "a.c", "operator": "equals", "values": ["x"]}],
        "segments": ["a.s"],
        "order": [["a.count", "desc"]],
        "limit": 5,
        "offset": 2,
        "timezone": "Europe/Berlin",
        "joinHints": [["a", "b"]],
    }
    flat = {
        "metrics": ["a.count"],
        "dimensions": ["a.b"],
        "time_dimension": "a.t",
        "granularity": "month",
        "date_range": "last year",
        "filters": [{"member": "a.c", "operator": "equals", "values": ["x"]}],
        "segments": ["a.s"],
        "sort_by": "a.count",
        "sort_order": "desc",
        "limit": 5,
        "offset": 2,
        "timezone": "Europe/Berlin",
        "join_hints": [["a", "b"]],
    }
    assert parse_query(cube) == parse_query(flat)
    assert parse_query(cube) == Query(
        measures=("a.count",),
        dimensions=("a.b",),
        time_dimensions=(TimeDimension("a.t", "month", DateRange("phrase", "last year")),),
        filters=(Filter("a.c", "equals", ("x",), "filters[0]"),),
        segments=("a.s",),
        order=(("a.count", True),),
        limit=5,
        offset=2,
        time_zone="Europe/Berlin",
        join_hints=(("a", "b"),),
    )


@pytest.mark.parametrize(
    ("written", "filters"),
    [
        ({"b": "x"}, (Filter("b", "equals", ("x",), "filters.b"),)),
        ({"b": ["x", None]}, (Filter("b", "equals", ("x", None), "filters.b"),)),
        ({"b": None}, (Filter("b", "equals", (None,), "filters.b"),)),
        ({"b": {"operator": "gt", "value": 3}}, (Filter("b", "gt", (3,), "filters.b"),)),
        ({"b": {"operator": "set"}}, (Filter("b", "set", (), "filters.b"),)),
        ({"member": "b", "values": ["x"]}, (Filter("b", "equals", ("x",), "filters[0]"),)),
        ('{"b": ["x"]}', (Filter("b", "equals", ("x",), "filters.b"),)),
        ('[{"member": "b", "operator": "set"}]', (Filter("b", "set", (), "filters[0]"),)),
        (
            {"or": [{"member": "b", "operator": "set"}]},
            (FilterGroup("or", (Filter("b", "set", (), "filters[0].or[0]"),), "filters[0]"),),
        ),
        ([], ()),
        (None, ()),
    ],
)
def test_the_flat_form_takes_filters_in_short(written: Any, filters: tuple[Filter | FilterGroup, ...]) -> None:
    assert parse_query({"metrics": ["a"], "filters": written}).filters == filters
    assert parse_query({"dimensions": ["a"], "filters": written}).filters == filters, "which no metric marks as flat"


@pytest.mark.parametrize(
    ("written", "order"),
    [
        (None, None),
        ([], ()),
        ({"a": "asc", "b": "desc"}, (("a", False), ("b", True))),
        ([["a", "DESC"], ["b", "ascending"]], (("a", True), ("b", False))),
        (["a"], (("a", False),)),
        ([{"id": "a", "desc": True}, {"id": "b"}], (("a", True), ("b", False))),
        ([["a", "none"]], ()),
    ],
)
def test_an_order_has_several_forms(written: Any, order: Any) -> None:
    assert parse_query({"measures": ["a"], "order": written}).order == order


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({}, None),
        ({"sort_by": "a"}, (("a", True),)),
        ({"sort_by": "-a"}, (("a", True),)),
        ({"sort_by": "a", "sort_order": "asc"}, (("a", False),)),
        ({"sort_by": "-a", "sort_order": "asc"}, (("a", True),)),
    ],
)
def test_the_flat_form_sorts_by_one_column(options: dict[str, Any], order: Any) -> None:
    query = parse_query({"metrics": ["a"], **options})
    assert (query.order, query.descending) == (order, None)


@pytest.mark.parametrize(("written", "descending"), [("asc", False), ("DESC", True), ("", None), (None, None)])
def test_a_direction_without_a_column_is_of_the_usual_order(written: str | None, descending: bool | None) -> None:
    query = parse_query({"metrics": ["a"], "sort_order": written})
    assert (query.order, query.descending) == (None, descending)


@pytest.mark.parametrize(
    ("options", "span"),
    [
        ({"start_date": "2025-01-01"}, DateRange("ends", "2025-01-01", None)),
        ({"end_date": "yesterday"}, DateRange("ends", None, "yesterday")),
        ({"start_date": "2025-01-01", "end_date": "2025-02-01"}, DateRange("ends", "2025-01-01", "2025-02-01")),
        ({"date_range": ["2025-01-01", "2025-02-01"]}, DateRange("bounds", "2025-01-01", "2025-02-01")),
        ({"date_range": ["last week"]}, DateRange("phrase", "last week")),
    ],
)
def test_dates_without_a_dimension_mean_the_default_one(options: dict[str, Any], span: DateRange) -> None:
    assert parse_query({"metrics": ["a"], **options}).time_dimensions == (TimeDimension(None, None, span),)


def test_lists_may_come_as_one_name_or_as_json_and_names_count_once() -> None:
    query = parse_query({"metrics": '["a", "b", "a"]', "dimensions": "c", "limit": "7"})
    assert (query.measures, query.dimensions, query.limit) == (("a", "b"), ("c",), 7)


@pytest.mark.parametrize(
    ("query", "issues"),
    [
        ([], [("E_QUERY", None)]),
        ("bug_count", [("E_QUERY", None)]),
        ({}, [("E_QUERY", "query")]),
        ({"filters": []}, [("E_QUERY", "query")]),
        ({"measure": ["a"]}, [("E_UNKNOWN_KEY", "measure")]),
        ({"metrics": ["a"], "order_by": "a"}, [("E_UNKNOWN_KEY", "order_by")]),
        ({"metrics": ["a"], "measures": ["a"]}, [("E_UNKNOWN_KEY", "metrics")]),
        ({"measures": [1, None]}, [("E_QUERY", "measures[0]"), ("E_QUERY", "measures[1]")]),
        ({"measures": {"a": 1}}, [("E_QUERY", "measures")]),
        ({"measures": ["a"], "limit": -1}, [("E_QUERY", "limit")]),
        ({"measures": ["a"], "limit": True}, [("E_QUERY", "limit")]),
        ({"measures": ["a"], "limit": "many", "offset": 1.5}, [("E_QUERY", "limit"), ("E_QUERY", "offset")]),
        ({"measures": ["a"], "timezone": 3}, [("E_QUERY", "timezone")]),
        ({"measures": ["a"], "total": "yes"}, [("E_QUERY", "total")]),
        ({"measures": ["a"], "order": [["a", "up"]]}, [("E_QUERY", "order[0]")]),
        ({"measures": ["a"], "order": [["a"]]}, [("E_QUERY", "order[0]")]),
        ({"measures": ["a"], "order": 3}, [("E_QUERY", "order")]),
        ({"metrics": ["a"], "sort_by": "a", "sort_order": "up"}, [("E_QUERY", "sort_order")]),
        ({"metrics": ["a"], "sort_order": "up"}, [("E_QUERY", "sort_order")]),
        ({"measures": ["a"], "filters": ["a"]}, [("E_QUERY", "filters[0]")]),
        ({"measures": ["a"], "filters": [{"operator": "set"}]}, [("E_QUERY", "filters[0]")]),
        ({"measures": ["a"], "filters": [{"member": "b", "operater": "set"}]}, [("E_UNKNOWN_KEY", "filters[0]")]),
        ({"measures": ["a"], "filters": [{"or": ["b"]}]}, [("E_QUERY", "filters[0].or[0]")]),
        ({"metrics": ["a"], "filters": {"b": {"op": "set"}}}, [("E_UNKNOWN_KEY", "filters.b")]),
        ({"measures": ["a"], "timeDimensions": ["t"]}, [("E_QUERY", "timeDimensions[0]")]),
        ({"measures": ["a"], "timeDimensions": [{"granularity": "day"}]}, [("E_QUERY", "timeDimensions[0]")]),
        (
            {"measures": ["a"], "timeDimensions": [{"dimension": "t", "granularity": 1}]},
            [("E_QUERY", "timeDimensions[0].granularity")],
        ),
        (
            {"measures": ["a"], "timeDimensions": [{"dimension": "t", "dateRange": 2025}]},
            [("E_QUERY", "timeDimensions[0].dateRange")],
        ),
        (
            {"measures": ["a"], "timeDimensions": [{"dimension": "t", "range": "2025"}]},
            [("E_UNKNOWN_KEY", "timeDimensions[0]")],
        ),
        ({"measures": ["a"], "joinHints": [["b"], "b"]}, [("E_QUERY", "joinHints[0]"), ("E_QUERY", "joinHints[1]")]),
        ({"metrics": ["a"], "date_range": "2025", "start_date": "2025"}, [("E_QUERY", "date_range")]),
    ],
)
def test_what_has_no_form_of_a_query_is_refused_with_its_place(
    query: Any, issues: list[tuple[str, str | None]]
) -> None:
    assert wrong(query) == issues


def test_every_mistake_is_told_at_once() -> None:
    query = {"mesures": ["a"], "limit": -1, "filters": [{}], "order": [3], "timeDimensions": [{}]}
    assert len(wrong(query)) == 5


def test_a_key_of_another_name_is_offered_the_right_one() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query({"metrics": ["a"], "where": {}})
    assert caught.value.issues[0].candidates == ("filters",)


NAMES = [
    *TESTIO.model.views["testing"].members,
    "bugs.count",
    "tests.end_at.month",
    "nothing",
    "",
    "a.b.c.d",
    "testing.feature",
]
KEYS = [
    "measures",
    "metrics",
    "dimensions",
    "timeDimensions",
    "filters",
    "segments",
    "order",
    "limit",
    "offset",
    "timezone",
    "start_date",
    "end_date",
    "date_range",
    "sort_by",
    "sort_order",
    "joinHints",
    "total",
    "granularity",
    "compare",
    "ungrouped",
    "fill",
    "x",
]
words = st.one_of(
    st.sampled_from(
        [*NAMES, "equals", "gt", "inDateRange", "contains", "month", "last month", "2025-13-01", "desc", "critical"]
    ),
    st.text(max_size=5),
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**20), st.floats(), words)
parts = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["member", "operator", "values", "or", "and", "dimension", "granularity", "dateRange", "id"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)
plausible = st.fixed_dictionaries(
    {"metrics": names},
    optional={
        "dimensions": names,
        "filters": st.dictionaries(st.sampled_from(NAMES), leaves, max_size=2),
        "date_range": words,
        "sort_by": st.sampled_from(NAMES),
        "granularity": st.sampled_from(["day", "week", "aeon"]),
        "limit": st.integers(0, 2000),
        "total": st.booleans(),
        "fill": st.booleans(),
    },
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.dictionaries(st.sampled_from(KEYS), parts, max_size=5), plausible))
def test_no_query_raises_anything_but_a_query_error(query: dict[str, Any]) -> None:
    try:
        statement = TESTIO.compile(query)
    except QueryError:
        return
    TESTIO.run(statement, "sqlite")


def test_filters_that_are_nested_without_end_are_refused() -> None:
    nested: dict[str, Any] = {"member": "orders.status", "operator": "set"}
    for _ in range(5_000):
        nested = {"and": [nested]}
    with pytest.raises(QueryError, match="nested more than 32 deep"):
        parse_query({"measures": ["orders.count"], "filters": [nested]})
