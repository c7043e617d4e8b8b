"""Questions written in SQL: each is the query that it says, or is refused with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Place, QueryError
from engine.query.query import DateRange, Filter, Query, TimeDimension
from engine.query.semantic_sql import parse_sql
from tests.engine.asking import random_cases
from tests.engine.worlds import NOW, SHOP, TESTIO, World

if TYPE_CHECKING:
    from engine import Statement

FEATURES = (
    "SELECT feature, MEASURE(bug_count) FROM testing WHERE severity = 'critical' GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
)
ORDERS = "SELECT status, COUNT(*) FROM orders"
BY_STATUS = {"measures": ["orders.count"], "dimensions": ["orders.status"]}


def equals(member: str, *values: Any) -> dict[str, Any]:
    return {"member": member, "operator": "equals", "values": list(values)}


def where(*filters: dict[str, Any]) -> dict[str, Any]:
    return {**BY_STATUS, "filters": list(filters)}


def leaf(member: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"member": member, "operator": operator, **({"values": list(values)} if values else {})}


def created(*days: str) -> dict[str, Any]:
    return {**BY_STATUS, "timeDimensions": [{"dimension": "orders.created_at", "dateRange": list(days)}]}


SAME: list[tuple[World, str, dict[str, Any]]] = [
    (
        TESTIO,
        FEATURES,
        {
            "measures": ["bug_count"],
            "dimensions": ["feature"],
            "filters": [equals("severity", "critical")],
            "order": [["bug_count", "desc"]],
            "limit": 5,
        },
    ),
    (
        TESTIO,
        "SELECT Feature, measure(t.Bug_Count) FROM Testing AS t",
        {"metrics": ["bug_count"], "dimensions": ["feature"]},
    ),
    (TESTIO, "SELECT month, bug_count FROM testing", {"metrics": ["bug_count"], "dimensions": ["month"]}),
    (TESTIO, 'SELECT "severity" FROM "testing"', {"dimensions": ["severity"]}),
    # names, metrics
    (SHOP, ORDERS, BY_STATUS),
    (SHOP, "SELECT o.status, orders.count FROM orders o GROUP BY o.status;", BY_STATUS),
    (SHOP, "(SELECT DISTINCT status, COUNT(1) FROM orders GROUP BY ALL) -- all of them", BY_STATUS),
    (SHOP, "SELECT COUNT(*), status FROM orders GROUP BY status", BY_STATUS),
    (
        SHOP,
        "SELECT customers.region, SUM(revenue), AVG(average), MIN(smallest), COUNT(DISTINCT customers) FROM orders GROUP BY 1",
        {
            "measures": ["orders.revenue", "orders.average", "orders.smallest", "orders.customers"],
            "dimensions": ["customers.region"],
        },
    ),
    (
        SHOP,
        "SELECT region, COUNT(*), MEASURE(net_revenue) FROM trade GROUP BY region",
        {"measures": ["trade.order_count", "trade.net_revenue"], "dimensions": ["trade.region"]},
    ),
    # time
    (
        SHOP,
        "SELECT DATE_TRUNC('month', created_at), status, COUNT(*) FROM orders GROUP BY 1, 2",
        {"measures": ["orders.count"], "dimensions": ["orders.created_at.month", "orders.status"]},
    ),
    (
        SHOP,
        "SELECT DATE_TRUNC('Fiscal_Year', created_at) FROM orders ORDER BY created_at DESC",
        {"dimensions": ["orders.created_at.fiscal_year"], "order": [["orders.created_at.fiscal_year", "desc"]]},
    ),
    (SHOP, "SELECT created_at.fortnight FROM orders", {"dimensions": ["orders.created_at.fortnight"]}),
    (
        SHOP,
        f"{ORDERS} WHERE created_at >= '2025-01-01' AND created_at < '2025-02-11'",
        created("2025-01-01", "2025-02-10"),
    ),
    (SHOP, f"{ORDERS} WHERE created_at BETWEEN '2025-01-01' AND '2025-02-11'", created("2025-01-01", "2025-02-11")),
    (
        SHOP,
        f"{ORDERS} WHERE created_at::date <= DATE '2025-02-11' AND '2025-01-01' <= created_at",
        created("2025-01-01", "2025-02-11"),
    ),
    (SHOP, f"{ORDERS} WHERE created_at > '2025-02-10'", where(leaf("orders.created_at", "afterDate", "2025-02-10"))),
    (
        SHOP,
        f"{ORDERS} WHERE created_at < TIMESTAMP '2025-02-10'",
        where(leaf("orders.created_at", "beforeDate", "2025-02-10T00:00:00")),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE NOT created_at BETWEEN '2025-01-20' AND '2025-02-10'",
        where(
            {
                "or": [
                    leaf("orders.created_at", "beforeDate", "2025-01-20"),
                    leaf("orders.created_at", "afterDate", "2025-02-10"),
                ]
            }
        ),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE created_at >= CURRENT_DATE - INTERVAL '10 months'",
        where(leaf("orders.created_at", "afterOrOnDate", "2025-01-22")),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE created_at < DATE_TRUNC('year', CURRENT_DATE) OR created_at = CURRENT_DATE - 3",
        where(
            {"or": [leaf("orders.created_at", "beforeDate", "2025-01-01"), equals("orders.created_at", "2025-11-19")]}
        ),
    ),
    # conditions
    (SHOP, f"{ORDERS} WHERE 'pending' = status", where(equals("orders.status", "pending"))),
    (SHOP, f"{ORDERS} WHERE status IN ('pending', 'x''y')", where(equals("orders.status", "pending", "x'y"))),
    (SHOP, f"{ORDERS} WHERE customers.region IS NULL", where(leaf("customers.region", "notSet"))),
    (SHOP, f"{ORDERS} WHERE NOT customers.region IS NULL", where(leaf("customers.region", "set"))),
    (
        SHOP,
        f"{ORDERS} WHERE customers.region <> 'EAST'",
        where(leaf("customers.region", "notEquals", "EAST"), leaf("customers.region", "set")),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE customers.region NOT IN ('EAST', 'WEST')",
        where(leaf("customers.region", "notEquals", "EAST", "WEST"), leaf("customers.region", "set")),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE customers.region IS DISTINCT FROM 'EAST'",
        where(leaf("customers.region", "notEquals", "EAST")),
    ),
    (SHOP, f"{ORDERS} WHERE NOT customers.region IS DISTINCT FROM 'EAST'", where(equals("customers.region", "EAST"))),
    (
        SHOP,
        f"{ORDERS} WHERE customers.age > 30 AND customers.age NOT BETWEEN 45 AND 55",
        where(
            leaf("customers.age", "gt", 30), {"or": [leaf("customers.age", "lt", 45), leaf("customers.age", "gt", 55)]}
        ),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE NOT (status = 'pending' OR customers.age >= 50)",
        where(
            leaf("orders.status", "notEquals", "pending"),
            leaf("orders.status", "set"),
            leaf("customers.age", "lt", 50),
        ),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE NOT (status = 'pending' AND -1 < customers.age)",
        where(
            {
                "or": [
                    {"and": [leaf("orders.status", "notEquals", "pending"), leaf("orders.status", "set")]},
                    leaf("customers.age", "lte", -1),
                ]
            }
        ),
    ),
    (SHOP, f"{ORDERS} WHERE large", where(equals("orders.large", True))),
    (SHOP, f"{ORDERS} WHERE NOT large", where(equals("orders.large", False))),
    (SHOP, f"{ORDERS} WHERE large IS NOT TRUE", where(leaf("orders.large", "notEquals", True))),
    (
        SHOP,
        f"{ORDERS} WHERE of_young_customers AND large = FALSE",
        {**where(equals("orders.large", False)), "segments": ["orders.of_young_customers"]},
    ),
    (
        SHOP,
        f"{ORDERS} WHERE orders.of_young_customers IS TRUE",
        {**BY_STATUS, "segments": ["orders.of_young_customers"]},
    ),
    # patterns
    (SHOP, f"{ORDERS} WHERE status LIKE 'pen%'", where(leaf("orders.status", "startsWith", "pen"))),
    (SHOP, f"{ORDERS} WHERE status ILIKE '%ING'", where(leaf("orders.status", "endsWith", "ING"))),
    (SHOP, f"{ORDERS} WHERE status LIKE '%e\\_d!%%'", where(leaf("orders.status", "contains", "e_d!"))),
    (SHOP, f"{ORDERS} WHERE status LIKE '%5!%!_!!%' ESCAPE '!'", where(leaf("orders.status", "contains", "5%_!"))),
    (SHOP, f"{ORDERS} WHERE status LIKE '%'", where(leaf("orders.status", "set"))),
    (SHOP, f"{ORDERS} WHERE status LIKE 'pending'", where(equals("orders.status", "pending"))),
    (
        SHOP,
        f"{ORDERS} WHERE customers.region NOT LIKE '%AS%'",
        where(leaf("customers.region", "notContains", "AS"), leaf("customers.region", "set")),
    ),
    (
        SHOP,
        f"{ORDERS} WHERE NOT customers.region NOT LIKE '%A!S%' ESCAPE '!'",
        where(leaf("customers.region", "contains", "AS")),
    ),
    # groups
    (
        SHOP,
        """SELECT status AS s, COUNT(*) AS n FROM orders GROUP BY s HAVING n > 1 AND (revenue < 500 OR MEASURE(revenue) IS NULL)
        ORDER BY n DESC NULLS LAST, s LIMIT 3 OFFSET 0""",
        {
            **BY_STATUS,
            "filters": [
                leaf("orders.count", "gt", 1),
                {"or": [leaf("orders.revenue", "lt", 500), leaf("orders.revenue", "notSet")]},
            ],
            "order": [["orders.count", "desc"], ["orders.status", "asc"]],
            "limit": 3,
        },
    ),
    (
        SHOP,
        "SELECT status FROM orders ORDER BY MEASURE(revenue) DESC, 1 LIMIT 1 OFFSET 1",
        {
            "dimensions": ["orders.status"],
            "order": [["orders.revenue", "desc"], ["orders.status", "asc"]],
            "limit": 1,
            "offset": 1,
        },
    ),
]


def bound(statement: Statement) -> tuple[str, Any, list[str]]:
    return statement.sql, statement.parameters, [column.member for column in statement.columns]


@pytest.mark.parametrize(("world", "sql", "query"), SAME, ids=lambda value: value if isinstance(value, str) else "")
def test_sql_is_the_query_that_it_says(world: World, sql: str, query: dict[str, Any]) -> None:
    statement = world.compile(sql)
    assert bound(statement) == bound(world.compile(query))
    world.run(statement, "sqlite")


def test_sql_becomes_the_same_query_as_a_mapping() -> None:
    assert parse_sql(FEATURES, TESTIO.model) == Query(
        measures=("bug_count",),
        dimensions=("feature",),
        filters=(Filter("severity", "equals", ("critical",), "query:1:55"),),
        order=(("bug_count", True),),
        limit=5,
    )


def test_bounds_of_a_time_are_its_date_range() -> None:
    query = parse_sql(f"{ORDERS} WHERE created_at >= '2025-01-01' AND created_at < '2025-04-01'", SHOP.model)
    span = DateRange("ends", "2025-01-01", "2025-04-01T00:00:00")
    assert (query.time_dimensions, query.filters) == ((TimeDimension("orders.created_at", date_range=span),), ())


def test_one_bound_of_a_time_is_a_filter() -> None:
    query = parse_sql(f"{ORDERS} WHERE created_at < '2025-04-01'", SHOP.model)
    assert [(each.operator, each.values) for each in query.filters if isinstance(each, Filter)] == [
        ("beforeDate", ("2025-04-01",))
    ]


def test_aliases_are_the_titles_of_columns() -> None:
    statement = SHOP.compile('SELECT status AS "State of it", COUNT(*) AS n, MEASURE(revenue) FROM orders')
    assert [(each.member, each.title) for each in statement.columns] == [
        ("orders.status", "State of it"),
        ("orders.count", "n"),
        ("orders.revenue", "Revenue"),
    ]
    assert [each.title for each in SHOP.compile(ORDERS).columns] == ["Status", "Count"]


SQL = "E_SEMANTIC_SQL"
NAME = "E_NAME_NOT_FOUND"
REFUSED: list[tuple[str, str, str]] = [
    # not one SELECT
    ("»", SQL, "no SQL"),
    ("» ; ", SQL, "no SQL"),
    ("»DROP TABLE orders", SQL, "one SELECT"),
    ("SELECT status FROM orders;\nSELECT »status FROM orders", SQL, "another statement"),
    ("»SELECT status FROM orders UNION SELECT status FROM orders", SQL, "one SELECT"),
    ("SELECT status FRM »orders x", SQL, "does not parse"),
    ("»SELECT status FROM order?at >= 1", SQL, "it is no SQL"),
    ("SELECT status FROM orders WHERE status = 'open»", SQL, "a quote is open"),
    # FROM
    ("SELECT »status", SQL, "FROM names"),
    ("SELECT status FROM (SELECT »1) AS x", SQL, "FROM names"),
    ("SELECT status FROM »public.orders", SQL, "nothing else"),
    ("SELECT status FROM ONLY »orders", SQL, "nothing else"),
    ("SELECT status FROM »orders AS o(a)", SQL, "nothing else"),
    ("SELECT status FROM »order_", NAME, "no cube or view"),
    ("SELECT status FROM orders, »customers", SQL, "JOIN"),
    ("SELECT status FROM orders\nJOIN »customers ON TRUE", SQL, "JOIN"),
    ("WITH »x AS (SELECT 1) SELECT status FROM orders", SQL, "WITH"),
    ("SELECT »status FROM orders FOR UPDATE", SQL, "FOR UPDATE"),
    ("SELECT status FROM orders WINDOW »w AS (PARTITION BY status)", SQL, "WINDOW"),
    # SELECT
    ("SELECT FROM »orders", SQL, "at least one"),
    ("SELECT »* FROM orders", SQL, "neither"),
    ("SELECT »o.* FROM orders o", SQL, "no members"),
    ("SELECT\n  »stats\nFROM orders", NAME, "orders.stats"),
    ("SELECT MEASURE(»status) FROM orders", SQL, "is a dimension"),
    ("SELECT COUNT(DISTINCT »status) FROM orders", SQL, "is a dimension"),
    ("SELECT »SUM(count) FROM orders", SQL, "once more"),
    ("SELECT »AVG(revenue) FROM orders", SQL, "MEASURE(orders.revenue)"),
    ("SELECT »COUNT(DISTINCT revenue) FROM orders", SQL, "once more"),
    ("SELECT COUNT(*) FROM items, »orders", SQL, "JOIN"),
    ("SELECT »MEASURE() FROM orders", SQL, "one metric"),
    ("SELECT »MEASURE(revenue + 1) FROM orders", SQL, "one metric"),
    ("SELECT »SUM(revenue + 1) FROM orders", SQL, "other than a metric"),
    ("SELECT »revenue / count FROM orders", SQL, "neither"),
    ("SELECT »SUM(revenue) OVER () FROM orders", SQL, "neither"),
    ("SELECT EXTRACT(YEAR FROM »created_at) FROM orders", SQL, "DATE_TRUNC"),
    ("SELECT »'x' FROM orders", SQL, "neither"),
    ("SELECT »of_young_customers FROM orders", SQL, "is a segment"),
    ("SELECT DISTINCT ON (»status) status FROM orders", SQL, "DISTINCT ON"),
    ("SELECT DATE_TRUNC('month', »status) FROM orders", SQL, "no time dimension"),
    ("SELECT »DATE_TRUNC('decade', created_at) FROM orders", SQL, "no granularity 'decade'"),
    ("SELECT »DATE_TRUNC('month', created_at, 'UTC') FROM orders", SQL, "no time zone"),
    ("SELECT DATE_TRUNC('month', »created_at.week) FROM orders", SQL, "already"),
    ("SELECT status AS x, »large AS x FROM orders", SQL, "Two columns"),
    ("SELECT status AS x, »status AS y FROM orders", SQL, "twice"),
    # WHERE
    (f"{ORDERS} WHERE »revenue > 5", SQL, "HAVING"),
    (f"{ORDERS} WHERE »COUNT(*) > 5", SQL, "HAVING"),
    (f"{ORDERS} WHERE »status = NULL", SQL, "IS NULL"),
    (f"{ORDERS} WHERE »status > NULL", SQL, "IS NULL"),
    (f"{ORDERS} WHERE »status NOT IN ('a', NULL)", SQL, "NULL"),
    (f"{ORDERS} WHERE »status IN (SELECT 1)", SQL, "list"),
    (f"{ORDERS} WHERE status = »customers.region", SQL, "no value"),
    (f"{ORDERS} WHERE »UPPER(status) = 'A'", SQL, "neither"),
    (f"{ORDERS} WHERE status = $»1", SQL, "no value"),
    (f"{ORDERS} WHERE »status = :x", SQL, "no value"),
    (f"{ORDERS} WHERE »status", SQL, "neither true nor false"),
    ("SELECT »status, COUNT(*) FROM orders WHERE TRUE", SQL, "no condition"),
    (f"{ORDERS} WHERE »status ~ 'x'", SQL, "no condition"),
    (f"{ORDERS} WHERE status LIKE »'a_b'", SQL, "pattern"),
    (f"{ORDERS} WHERE status LIKE »'a%b'", SQL, "pattern"),
    (f"{ORDERS} WHERE status ILIKE »'ab'", SQL, "pattern"),
    (f"{ORDERS} WHERE status LIKE »5", SQL, "pattern"),
    (f"{ORDERS} WHERE »of_young_customers OR large", SQL, "segment"),
    (f"{ORDERS} WHERE NOT »of_young_customers", SQL, "segment"),
    (f"{ORDERS} WHERE EXISTS (SELECT »1)", SQL, "no condition"),
    (f"{ORDERS} WHERE »DATE_TRUNC('month', created_at) = '2025-01-01'", SQL, "bucket"),
    (f"{ORDERS} WHERE created_at > »NOW()", SQL, "CURRENT_DATE"),
    (f"{ORDERS} WHERE created_at > CURRENT_DATE - INTERVAL »'1 month 2 days'", SQL, "no value"),
    (f"{ORDERS} WHERE customers.age = »1 + 1", SQL, "no value"),
    (f"{ORDERS} WHERE »customers.age BETWEEN SYMMETRIC 2 AND 1", SQL, "no condition"),
    (f"{ORDERS} WHERE »status IS 'a'", SQL, "followed by NULL, TRUE or FALSE"),
    (f"{ORDERS} WHERE created_at > CAST(»5 AS DATE)", SQL, "no value"),
    (f"{ORDERS} WHERE created_at > CAST(»'x' AS UUID)", SQL, "no value"),
    (f"{ORDERS} WHERE created_at > CAST(»'soon' AS DATE)", SQL, "no value"),
    (f"{ORDERS} WHERE created_at > CURRENT_DATE - »x", SQL, "no value"),
    ("SELECT »DATE_TRUNC('month', 'x'), COUNT(*) FROM orders", SQL, "a unit and a time dimension"),
    ("SELECT »COUNT(status, large) FROM orders", SQL, "more than one argument"),
    # HAVING, GROUP BY, ORDER BY, LIMIT
    (f"{ORDERS} HAVING »status = 'x'", SQL, "WHERE"),
    (f"{ORDERS} GROUP BY »2", SQL, "is a metric"),
    (f"{ORDERS} GROUP BY 1, »large", SQL, "does not stand in SELECT"),
    (f"{ORDERS} GROUP BY »7", SQL, "no column 7"),
    ("SELECT status, large FROM orders GROUP BY »1", SQL, "not in GROUP BY"),
    (f"{ORDERS} GROUP BY ROLLUP (»status)", SQL, "Subtotals"),
    (f"{ORDERS} ORDER BY »large", SQL, "does not stand in SELECT"),
    (f"{ORDERS} ORDER BY »1 NULLS FIRST", SQL, "last"),
    (f"{ORDERS} ORDER BY »0", SQL, "no column 0"),
    (f"{ORDERS} ORDER BY »status WITH FILL", SQL, "ASC or DESC"),
    (f"{ORDERS} ORDER BY »'x'", SQL, "neither"),
    (f"{ORDERS} LIMIT »1 + 1", SQL, "whole number"),
    (f"{ORDERS} LIMIT »1.5", SQL, "whole number"),
    (f"{ORDERS} OFFSET -»1", SQL, "whole number"),
    ("SELECT »status, COUNT(*) FROM orders LIMIT ALL", SQL, "whole number"),
    (f"{ORDERS} FETCH FIRST »3 ROWS ONLY", SQL, "whole number"),
    # what is too much
    (f"»SELECT {'(' * 3000}status{')' * 3000} FROM orders", SQL, "too deeply"),
    (f"»{ORDERS} WHERE {' AND '.join(['large'] * 9000)}", SQL, "longer than"),
]


@pytest.mark.parametrize(("marked", "code", "words"), REFUSED, ids=lambda value: value[:80])
def test_what_cannot_be_asked_is_refused_with_its_place(marked: str, code: str, words: str) -> None:
    before, _, after = marked.partition("»")
    place = Place("query", before.count("\n") + 1, len(before) - before.rfind("\n"))
    with pytest.raises(QueryError) as refused:
        parse_sql(before + after, SHOP.model)
    first = refused.value.issues[0]
    assert (first.code, first.place) == (code, place), refused.value
    assert words in str(refused.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(QueryError) as refused:
        parse_sql(
            "SELECT stats, revenue + 1 FROM orders WHERE regio = 'x' AND status LIKE 'a%b' ORDER BY 9 LIMIT x",
            SHOP.model,
        )
    assert [str(issue.place) for issue in refused.value.issues] == [
        "query:1:8",
        "query:1:15",
        "query:1:45",
        "query:1:73",
        "query:1:88",
        "query:1:96",
    ]


def test_count_of_everything_is_refused_where_several_metrics_count() -> None:
    with pytest.raises(QueryError, match=r"COUNT\(\*\) means no one metric"):
        parse_sql("SELECT COUNT(*) FROM testing", TESTIO.model)


def test_a_value_that_cannot_be_is_told_with_its_place() -> None:
    with pytest.raises(QueryError) as refused:
        TESTIO.compile("SELECT feature FROM testing WHERE severity = 'criticl'")
    assert refused.value.issues[0].member == "query:1:35"


def test_a_number_beyond_all_numbers_is_told_with_its_place() -> None:
    with pytest.raises(QueryError, match="a number; inf is none") as refused:
        SHOP.compile("SELECT COUNT(*) FROM orders WHERE customers.age < 1e999")
    assert refused.value.issues[0].member == "query:1:35"


def test_parentheses_change_nothing() -> None:
    plain = "SELECT status, COUNT(*) FROM orders WHERE status = 'a' OR status = 'b' OR id IS NULL ORDER BY status"
    conditions = "(((status = ('a')) OR ((status = 'b')))) OR (id) IS NULL"
    with_them = f"SELECT (status), (COUNT(*)) FROM orders WHERE {conditions} ORDER BY (status)"
    assert SHOP.compile(with_them) == SHOP.compile(plain)


def test_today_is_the_day_at_which_the_question_is_asked() -> None:
    asked = SHOP.compile("SELECT COUNT(*) FROM orders WHERE created_at >= CURRENT_DATE")
    assert asked == SHOP.compile(f"SELECT COUNT(*) FROM orders WHERE created_at >= DATE '{NOW:%Y-%m-%d}'")


_VOCABULARY = r"""
    SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET AND OR NOT IN LIKE ILIKE ESCAPE BETWEEN IS NULL TRUE DISTINCT
    ON AS DESC NULLS FIRST CASE WHEN THEN END CAST INTERVAL DATE TIMESTAMP CURRENT_DATE UNION JOIN WITH OVER ALL ANY EXISTS
    VALUES MEASURE SUM COUNT DATE_TRUNC EXTRACT orders customers trade status region revenue count large created_at month
    of_young_customers ( ) , . ; * + - / = <> < >= :: ' " $1 ? : [ ] { } 1 2 0.5 1e999 '2025-01-01' 'a%' '%' 'month' -- /* é
"""
WORDS = st.sampled_from(_VOCABULARY.split())


@given(
    words=st.lists(WORDS, max_size=30), start=st.sampled_from(["", "SELECT ", f"{ORDERS} ", f"{ORDERS} WHERE status "])
)
@random_cases()
def test_no_text_raises_anything_but_a_refusal(words: list[str], start: str) -> None:
    refused_or_asked(start + " ".join(words))


@given(text=st.text(max_size=60))
@random_cases(4)
def test_no_letters_raise_anything_but_a_refusal(text: str) -> None:
    refused_or_asked(text)


@given(data=st.data())
@random_cases()
def test_no_mutation_of_a_question_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    sql = data.draw(
        st.sampled_from(
            [sql for world, sql, _ in SAME if world is SHOP]
            + [marked.replace("»", "") for marked, _, _ in REFUSED[:-2]]
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(sql)))
        end = data.draw(st.integers(start, min(start + 8, len(sql))))
        sql = sql[:start] + data.draw(st.one_of(WORDS, st.text(max_size=3))) + sql[end:]
    refused_or_asked(sql)


def refused_or_asked(sql: str) -> None:
    try:
        statement = SHOP.compile(sql, now=NOW)
    except QueryError:
        return
    SHOP.run(statement, "sqlite")
