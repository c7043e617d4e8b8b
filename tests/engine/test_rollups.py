"""Which pre-aggregations could answer a question, and why others cannot; where one could, putting its rows together proves it."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

import pytest

import engine
from engine.execute.values import normalise_rows
from engine.model.loader import model_issues
from tests.engine.asking import loaded
from tests.engine.worlds import SHOP, _database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PRE_AGGREGATIONS = """
    pre_aggregations:
      - name: by_day
        measures: [count, orders.revenue, CUBE.smallest, average]
        dimensions: [status, customers.region]
        segments: [of_young_customers]
        time_dimension: created_at
        granularity: day
      - name: by_week
        type: rollup
        measures: ["{revenue}", customers]
        time_dimensions: [{dimension: created_at, granularity: week}]
      - {name: averages, measures: [average], dimensions: [status]}
      - {name: rows, type: original_sql}
"""
FILES = sorted((SHOP.model_path).glob("*.yml"))
MODEL = "".join(
    re.sub("^(cubes|views):\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace(
        "  - name: trade", "views:\n  - name: trade"
    )
    + (PRE_AGGREGATIONS if path.stem == "orders" else "")
    for path in [*(each for each in FILES if each.stem != "views"), *(each for each in FILES if each.stem == "views")]
)


def model() -> engine.Model:
    return loaded("cubes:\n" + MODEL)


def matched(query: dict[str, Any], **options: Any) -> dict[str, tuple[str, ...]]:
    """What is said against each pre-aggregation."""
    told = engine.explain_query(query, model(), **options)
    assert all(each.matches == (not each.why_not) for each in told.pre_aggregations)
    return {each.name.removeprefix("orders."): each.why_not for each in told.pre_aggregations}


REVENUE = {"measures": ["orders.revenue"]}
MONTHS = {"timeDimensions": [{"dimension": "orders.created_at", "granularity": "month"}]}
JANUARY = {"timeDimensions": [{"dimension": "orders.created_at", "dateRange": ["2025-01-01", "2025-01-31"]}]}
HALF_A_DAY = {
    "timeDimensions": [{"dimension": "orders.created_at", "dateRange": ["2025-01-01T12:00:00", "2025-01-31"]}]
}
EAST = {"filters": [{"or": [{"member": "customers.region", "operator": "equals", "values": ["EAST"]}]}]}
YOUNG = {"segments": ["orders.of_young_customers"]}
LARGE = {"filters": [{"member": "orders.large", "operator": "equals", "values": [True]}]}


@pytest.mark.parametrize(
    ("query", "by_day", "by_week"),
    [
        (REVENUE, (), ()),
        (REVENUE | MONTHS, (), ("it holds orders.created_at by week, which does not make up month",)),
        (REVENUE | {"dimensions": ["orders.status"]}, (), ("it does not hold orders.status",)),
        (
            REVENUE | {"dimensions": ["orders.large"]},
            ("it does not hold orders.large",),
            ("it does not hold orders.large",),
        ),
        (
            REVENUE | {"dimensions": ["orders.created_at"]},
            ("it holds orders.created_at by day, and single times are asked for",),
            ("it holds orders.created_at by week, and single times are asked for",),
        ),
        (REVENUE | EAST, (), ("it does not hold customers.region",)),
        (REVENUE | YOUNG, (), ("it does not hold the segment orders.of_young_customers",)),
        (REVENUE | LARGE, ("it does not hold orders.large",), ("it does not hold orders.large",)),
        (REVENUE | JANUARY, (), ("it holds orders.created_at by week, and a range may cut a bucket",)),
        (
            REVENUE | HALF_A_DAY,
            ("it holds orders.created_at by day, and a range may cut a bucket",),
            ("it holds orders.created_at by week, and a range may cut a bucket",),
        ),
        (
            REVENUE | {"dimensions": ["items.product"]},
            (
                "a row of orders may stand in several groups, by items.product, and would count in each part",
                "it does not hold items.product",
            ),
            (
                "a row of orders may stand in several groups, by items.product, and would count in each part",
                "it does not hold items.product",
            ),
        ),
        (
            {"measures": ["orders.average"]},
            ("orders.average is of the type avg, which cannot be made of its parts",),
            ("it does not hold orders.average",),
        ),
        (
            {"measures": ["orders.customers"]},
            ("it does not hold orders.customers",),
            ("orders.customers is of the type count_distinct, which cannot be made of its parts",),
        ),
        (
            {"measures": ["orders.so_far"]} | MONTHS,
            ("the measure reads other periods than it is shown in", "it does not hold orders.so_far"),
            (
                "the measure reads other periods than it is shown in",
                "it does not hold orders.so_far",
                "it holds orders.created_at by week, which does not make up month",
            ),
        ),
        (
            REVENUE | MONTHS | {"timezone": "Asia/Kathmandu"},
            ("its buckets are of UTC, and the question is asked in Asia/Kathmandu",),
            (
                "its buckets are of UTC, and the question is asked in Asia/Kathmandu",
                "it holds orders.created_at by week, which does not make up month",
            ),
        ),
        (
            REVENUE | {"dimensions": ["orders.status"], "ungrouped": True},
            ("single rows are asked for",),
            ("single rows are asked for", "it does not hold orders.status"),
        ),
        (
            {"dimensions": ["orders.status"]},
            ("no measure is asked for",),
            ("no measure is asked for", "it does not hold orders.status"),
        ),
    ],
)
def test_each_pre_aggregation_matches_or_says_why_not(
    query: dict[str, Any], by_day: tuple[str, ...], by_week: tuple[str, ...]
) -> None:
    found = matched(query)
    assert (found["by_day"], found["by_week"]) == (by_day, by_week)
    assert found["rows"] == ("it holds the rows of orders, not measures",)


def test_what_cannot_be_put_together_is_read_at_the_grain_of_the_table() -> None:
    assert matched({"measures": ["orders.average"], "dimensions": ["orders.status"]})["averages"] == ()
    assert matched({"measures": ["orders.average"]})["averages"] != ()


def test_a_stock_is_read_from_its_rows() -> None:
    text = ("cubes:\n" + MODEL).replace(
        "  - name: stock\n",
        "  - name: stock\n    pre_aggregations: [{name: all, measures: [on_hand], dimensions: [product]}]\n",
    )
    [found] = engine.explain_query({"measures": ["stock.on_hand"]}, loaded(text)).pre_aggregations
    assert "the measure is read at one date" in found.why_not


def test_an_access_policy_on_the_rows_keeps_a_pre_aggregation_from_matching() -> None:
    policy = '    access_policy: [{group: "*", row_level: {filters: [{member: status, operator: set}]}}]\n'
    text = ("cubes:\n" + MODEL).replace("  - name: orders\n", "  - name: orders\n" + policy)
    told = engine.explain_query(REVENUE, loaded(text)).pre_aggregations
    assert (
        "an access policy limits the rows, and would have to be applied before they are aggregated" in told[0].why_not
    )


def test_the_text_of_an_explanation_tells_of_pre_aggregations() -> None:
    text = str(engine.explain_query(REVENUE | {"dimensions": ["orders.status"]}, model()))
    assert "Pre-aggregation orders.by_day could be read in place of rows of orders\n" in text
    assert (
        "Pre-aggregation orders.by_week could not be read in place of rows of orders\n  it does not hold orders.status"
        in text
    )


def rows(query: dict[str, Any]) -> list[dict[str, Any]]:
    statement = engine.compile_query(query, model(), dialect="sqlite")
    found = _database("shop", "sqlite").execute(statement.sql, statement.parameters).fetchall()
    values = normalise_rows(found, [column.type for column in statement.columns])
    return [dict(zip([column.member for column in statement.columns], row, strict=True)) for row in values]


@pytest.mark.parametrize("by", [[], ["orders.status"], ["customers.region"], ["orders.status", "customers.region"]])
@pytest.mark.parametrize("measure", ["orders.revenue", "orders.count", "orders.smallest"])
def test_what_matches_gives_the_same_numbers_when_its_rows_are_put_together(measure: str, by: list[str]) -> None:
    assert matched({"measures": [measure], "dimensions": by})["by_day"] == ()
    held = rows(
        {
            "measures": ["orders.revenue", "orders.count", "orders.smallest"],
            "dimensions": ["orders.status", "customers.region"],
            "timeDimensions": [{"dimension": "orders.created_at", "granularity": "day"}],
        }
    )
    put: Callable[[Any, Any], Any] = min if measure == "orders.smallest" else operator.add
    together: dict[tuple[Any, ...], Any] = {}
    for row in held:
        group = tuple(row[name] for name in by)
        together[group] = put(together[group], row[measure]) if group in together else row[measure]
    asked = rows({"measures": [measure], "dimensions": by})
    assert {tuple(row[name] for name in by): row[measure] for row in asked} == together


def test_what_a_pre_aggregation_names_has_to_exist(tmp_path: Path) -> None:
    wrong = """
    pre_aggregations:
      - {name: a, measures: [revenu], dimensions: [stat], segments: [status], time_dimension: creatd_at, granularity: day}
      - {name: b, measures: [nowhere.count], time_dimension: created_at, granularity: months}
"""
    text = "cubes:\n" + MODEL.replace(PRE_AGGREGATIONS, wrong)
    (tmp_path / "model.yml").write_text(text, encoding="utf-8")
    told = [str(issue) for issue in model_issues(tmp_path) if issue.severity == "error"]
    words = (
        "orders.a names 'orders.revenu', which is no measure. Did you mean \"orders.revenue\"",
        "orders.a names 'orders.stat', which is no dimension. Did you mean \"orders.status\"",
        "orders.a names 'orders.status', which is no segment",
        "orders.a names 'orders.creatd_at', which is no dimension. Did you mean \"orders.created_at\"",
        "orders.b names 'nowhere.count', which is no measure",
        "orders.b holds orders.created_at by 'months', which is no granularity of it. Did you mean \"month\"",
    )
    assert len(told) == len(words)
    for sentence, expected in zip(told, words, strict=True):
        assert expected in sentence
