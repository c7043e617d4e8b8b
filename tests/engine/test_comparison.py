"""Date ranges side by side, on the rows of `tests.engine.kiosk`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import engine
from tests.engine.kiosk import ASKER, NOW, SETTINGS, make_database, make_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Ask = Callable[..., Awaitable[engine.Result]]

pytestmark = pytest.mark.anyio


@pytest.fixture
def model(tmp_path: Path) -> engine.Model:
    return make_model(tmp_path)


@pytest.fixture
async def ask(tmp_path: Path, model: engine.Model) -> AsyncIterator[Ask]:
    async with engine.open_database(make_database(tmp_path)) as database:

        async def answered(**query: Any) -> engine.Result:
            return await engine.run_query(query, model, database, security=ASKER, now=NOW)

        yield answered


async def test_each_metric_has_the_other_value_the_difference_and_the_change(ask: Ask) -> None:
    result = await ask(metrics=["order_count", "revenue"], date_range="2026-11", compare=["2026-10"])
    assert result.dicts() == [
        {
            "order_count": 3,
            "order_count.previous": 1,
            "order_count.delta": 2,
            "order_count.percent": 2.0,
            "revenue": 125,
            "revenue.previous": 100,
            "revenue.delta": 25,
            "revenue.percent": 0.25,
        }
    ]
    assert result.query["compared_with"] == [{"member": "created_at", "from": "2026-10-01", "to": "2026-10-31"}]
    assert result.account.explanation.endswith("compared with 2026-10-01 to 2026-10-31.")


async def test_a_bucket_that_an_earlier_range_cuts_is_told_of(ask: Ask) -> None:
    whole = await ask(metrics=["order_count"], granularity="month", date_range="2026-10", compare=["2026-09"])
    assert not any("which is compared with" in note for note in whole.notes)
    cut = await ask(
        metrics=["order_count"], granularity="month", date_range="2026-11", compare=[["2026-10-03", "2026-10-31"]]
    )
    assert "Of 2026-10, which is compared with, the range has 29 of 31 days." in cut.notes
    assert [each.period for each in cut.account.partial] == ["2026-11", "2026-10"]


async def test_groups_meet_by_their_dimensions_and_a_count_without_rows_is_zero(ask: Ask) -> None:
    result = await ask(
        metrics=["order_count", "revenue"],
        dimensions=["region"],
        date_range="2026-11",
        compare=["2026-10"],
        totals=True,
    )
    assert result.rows == (
        ("north", 1, 1, 0, 0.0, 50, 100, -50, -0.5),
        ("south", 1, 0, 1, None, 70, None, None, None),
        (None, 1, 0, 1, None, 5, None, None, None),
    )
    assert result.totals is not None
    assert (result.totals["revenue"], result.totals["revenue.percent"]) == (125, 0.25)


async def test_several_ranges_are_numbered(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], compare=["2026-11", "2026-10", "2026-09"])
    assert result.dicts() == [
        {
            "order_count": 3,
            "order_count.previous_1": 1,
            "order_count.delta_1": 2,
            "order_count.percent_1": 2.0,
            "order_count.previous_2": 0,
            "order_count.delta_2": 3,
            "order_count.percent_2": None,
        }
    ]


async def test_buckets_meet_by_their_place_in_the_range_and_stand_in_order(ask: Ask) -> None:
    result = await ask(
        metrics=["revenue"],
        dimensions=["day"],
        date_range="2026-11-01 to 2026-11-10",
        compare=["2026-10-01 to 2026-10-12"],
    )
    assert [row[:3] for row in result.rows] == [
        ("2026-11-03", 50, None),
        ("2026-11-05", None, 100),
        ("2026-11-10", 5, None),
    ]


async def test_rows_beyond_a_shorter_range_have_no_counterpart_and_are_told(ask: Ask) -> None:
    result = await ask(
        metrics=["revenue"],
        dimensions=["day"],
        date_range="2026-11-01 to 2026-11-03",
        compare=["2026-10-01 to 2026-10-05"],
    )
    assert result.rows == (("2026-11-03", 50, None, None, None),)
    assert result.notes[-1] == "1 row has no counterpart: the range from 2026-10-01 to 2026-10-05 is the longer one."


async def test_a_cut_result_shows_its_own_groups_with_their_values_of_both_ranges(ask: Ask) -> None:
    result = await ask(
        metrics=["revenue"], dimensions=["region"], date_range="2026-11", compare=["2026-10"], limit=1, sort_by="region"
    )
    assert result.rows == (("south", 70, None, None, None),)
    assert not any("earlier ranges alone" in note for note in result.notes)


async def test_groups_of_the_earlier_range_alone_that_the_limit_leaves_no_room_for_are_told(ask: Ask) -> None:
    query = {"metrics": ["revenue"], "dimensions": ["region"], "limit": 1, "compare": ["2026-11"]}
    result = await ask(date_range="2026-10", **query)
    assert result.rows == (("north", 100, 50, 50, 1.0),)
    assert "2 more groups are in the earlier ranges alone and not shown." in result.notes


async def test_a_filter_on_metrics_chooses_rows_and_not_the_values_beside_them(ask: Ask) -> None:
    filters = [{"member": "revenue", "operator": "lt", "values": [60]}]
    result = await ask(
        metrics=["revenue"], dimensions=["region"], date_range="2026-11", compare=["2026-10"], filters=filters
    )
    assert result.rows == (("north", 50, 100, -50, -0.5), (None, 5, None, None, None))


async def test_cube_s_form_means_the_same(ask: Ask) -> None:
    time = {"dimension": "created_at", "granularity": "month", "compareDateRange": ["2026-11", "2026-10"]}
    result = await ask(measures=["revenue"], timeDimensions=[time])
    assert result.rows == (("2026-11-01", 125, 100, 25, 0.25),)


async def test_a_comparison_can_be_replayed(ask: Ask) -> None:
    first = await ask(metrics=["revenue"], dimensions=["region"], date_range="this month", compare=["last month"])
    replay = json.loads(json.dumps(first.account.replay))["query"]
    assert replay["timeDimensions"] == [
        {"dimension": "created_at", "compareDateRange": [["2026-11-01", "2026-11-30"], ["2026-10-01", "2026-10-31"]]}
    ]
    assert (await ask(**replay)).rows == first.rows


async def test_ranges_that_cannot_be_laid_side_by_side_are_refused(ask: Ask) -> None:
    with pytest.raises(engine.QueryError, match="open at one end"):
        await ask(metrics=["revenue"], start_date="2026-11", compare=["2026-10"])
    two = [{"dimension": "created_at", "compareDateRange": ["2026-11", "2026-10"]}] * 2
    with pytest.raises(engine.QueryError, match="two time dimensions"):
        await ask(measures=["revenue"], timeDimensions=two)


async def test_more_groups_than_the_cap_are_refused_and_not_dropped(tmp_path: Path) -> None:
    few = make_model(tmp_path, SETTINGS.replace("rows: 100, default_rows: 3", "rows: 1, default_rows: 1"))
    query = {"metrics": ["revenue"], "dimensions": ["region"], "date_range": "2026-10", "compare": ["2026-11"]}
    async with engine.open_database(make_database(tmp_path)) as database:
        with pytest.raises(engine.QueryError, match="has more than 1 rows to compare with"):
            await engine.run_query(query, few, database, security=ASKER, now=NOW)


def test_one_statement_cannot_compare(model: engine.Model) -> None:
    query = {"metrics": ["revenue"], "date_range": "2026-10", "compare": ["2026-11"]}
    with pytest.raises(engine.QueryError, match="one statement for each"):
        engine.compile_query(query, model, security=ASKER, now=NOW)
    assert engine.explain_query(query, model, security=ASKER, now=NOW).sentence.startswith(
        "Revenue, created_at from 2026-10-01"
    )
