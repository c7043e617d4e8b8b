"""What comes with an answer, on the rows of `tests.engine.kiosk`; every number is checked on paper there."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
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
async def database(tmp_path: Path) -> AsyncIterator[engine.Database]:
    async with engine.open_database(make_database(tmp_path)) as opened:
        yield opened


@pytest.fixture
def ask(model: engine.Model, database: engine.Database) -> Ask:
    async def answered(freshness: engine.Freshness | None = None, **query: Any) -> engine.Result:
        return await engine.run_query(query, model, database, security=ASKER, now=NOW, freshness=freshness)

    return answered


def noted(result: engine.Result, beginning: str) -> str:
    """The one note that begins so."""
    (found,) = [note for note in result.notes if note.startswith(beginning)]
    return found


async def test_the_query_is_told_as_it_was_understood(ask: Ask) -> None:
    result = await ask(
        metrics=["order_count"], dimensions=["region"], date_range="this month", filters={"product": "pen"}, limit=5
    )
    assert result.rows == (("north", 1), (None, 1))
    assert result.query == {
        "metrics": ["order_count"],
        "dimensions": ["region"],
        "date_ranges": [{"member": "created_at", "from": "2026-11-01", "to": "2026-11-30", "asked": "this month"}],
        "filters": [{"member": "product", "operator": "equals", "values": ["pen"]}],
        "default_filters": [{"member": "status", "operator": "equals", "values": ["paid"]}],
        "policies": {"orders": ["shop_id"]},
        "order": [["order_count", "desc"], ["region", "asc"]],
        "limit": 5,
        "time_zone": "UTC",
    }
    assert result.account.explanation == (
        "Orders by region, created_at from 2026-11-01 to 2026-11-30 (this month), for product pen,"
        " by default only status paid, most orders first, top 5."
    )


async def test_a_filter_on_the_member_lifts_the_default_filter_and_is_told_in_its_own_spelling(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], filters={"status": "settled"})
    assert result.rows == ((5,),)
    assert result.query["filters"] == [{"member": "status", "operator": "equals", "values": ["paid"]}]
    assert "default_filters" not in result.query


async def test_default_filters_are_noted_with_the_metrics_that_go_without(ask: Ask) -> None:
    result = await ask(metrics=["order_count", "every_count"])
    assert result.rows == ((5, 6),)
    assert noted(result, "By default") == (
        "By default only rows with status paid count, except for every_count; a filter on it says otherwise."
    )


async def test_rows_without_a_date_are_counted_and_told(ask: Ask) -> None:
    result = await ask(metrics=["order_count", "quantity"], date_range="from 2026-10-01 to 2026-11-30")
    assert result.rows == ((4, 9),)
    assert result.account.undated == {"orders": 1}
    assert "One of the orders has no created_at and is not counted." in result.notes


async def test_a_home_read_with_and_without_default_filters_tells_the_wider_count(ask: Ask) -> None:
    result = await ask(metrics=["order_count", "every_count"], date_range="2026")
    assert result.rows == ((4, 5),)
    assert result.account.undated == {"orders": 1}


async def test_undated_rows_pass_the_other_filters_of_the_query(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["region"], date_range="2026", filters={"region": "north"})
    assert result.rows == (("north", 2),)
    assert result.account.undated == {}


async def test_a_bucket_that_is_not_over_and_one_that_the_range_cuts_are_partial(ask: Ask) -> None:
    result = await ask(metrics=["revenue"], dimensions=["month"], date_range="2026-10-03 to 2026-11-30")
    assert result.rows == (("2026-10-01", 100), ("2026-11-01", 125))
    assert [str(period) for period in result.account.partial] == [
        "2026-10 is partial: 29 of 31 days.",
        "2026-11 is partial: 22 of 30 days.",
    ]


async def test_buckets_that_have_not_begun_are_told_together(ask: Ask) -> None:
    result = await ask(metrics=["revenue"], dimensions=["month"], date_range="2026-11-01 to 2027-01-15", fill=True)
    assert [row[0] for row in result.rows] == ["2026-11-01", "2026-12-01", "2027-01-01"]
    assert [(each.period, each.covered, each.of) for each in result.account.partial] == [
        ("2026-11", 22, 30),
        ("2026-12", 0, 31),
        ("2027-01", 0, 31),
    ]
    assert noted(result, "2026-12 to 2027-01 lie in the future: numbers there are of what is known by now.")
    assert [note for note in result.notes if "partial" in note] == ["2026-11 is partial: 22 of 30 days."]


async def test_a_day_under_way_is_counted_in_hours(ask: Ask) -> None:
    result = await ask(metrics=["every_count"], dimensions=["created_at.day"], start_date="2026-11-20T12:00")
    assert result.rows == (("2026-11-21", 1),)
    assert result.account.partial == ()
    result = await ask(metrics=["every_count"], dimensions=["created_at.day"], start_date="2026-11-20T06:00")
    assert result.account.partial[0].as_dict() == {
        "column": "created_at.day",
        "period": "2026-11-20",
        "covered": 18,
        "of": 24,
        "unit": "hours",
    }


async def test_buckets_without_rows_are_not_called_partial(ask: Ask) -> None:
    result = await ask(metrics=["revenue"], dimensions=["month"], date_range="2026-09-15 to 2026-10-31")
    assert result.rows == (("2026-10-01", 100),)
    assert result.account.partial == ()


async def test_a_result_cut_by_the_cap_says_so_and_how_many_rows_there_are(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["order"])
    assert (len(result.rows), result.total_rows, result.cut) == (3, 5, True)
    assert noted(result, "3 of 5 rows are shown: results limited to 3 rows without a limit, to 100 with one.")


async def test_a_cap_that_no_limit_exceeds_is_one_number(model: engine.Model, database: engine.Database) -> None:
    limits = replace(model.settings.limits, rows=3, default_rows=3)
    capped = replace(model, settings=replace(model.settings, limits=limits))
    asked = {"metrics": ["order_count"], "dimensions": ["order"]}
    result = await engine.run_query(asked, capped, database, security=ASKER, now=NOW)
    told = "3 of 5 rows are shown: results limited to 3 rows. Filter, or group more coarsely, to see all."
    assert noted(result, "3 of 5") == told


async def test_a_result_that_fills_its_limit_exactly_is_not_cut(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["region"])
    assert (len(result.rows), result.total_rows, result.cut) == (3, 3, False)


async def test_a_page_knows_the_rows_of_all_pages(ask: Ask) -> None:
    first = await ask(metrics=["order_count"], dimensions=["order"], limit=2, offset=2)
    assert (len(first.rows), first.total_rows, first.cut) == (2, 5, True)
    last = await ask(metrics=["order_count"], dimensions=["order"], limit=2, offset=4)
    assert (len(last.rows), last.total_rows, last.cut) == (1, 5, False)
    beyond = await ask(metrics=["order_count"], dimensions=["order"], limit=2, offset=9, total=True)
    assert (beyond.rows, beyond.total_rows) == ((), 5)
    assert "No rows are left after the first 9, which are skipped." in beyond.notes


async def test_a_limit_of_nothing_is_no_empty_answer(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["order"], limit=0, total=True)
    assert (result.rows, result.total_rows, result.cut) == ((), 5, True)
    assert not any("Nothing" in note for note in result.notes)


async def test_totals_are_computed_from_the_rows_and_not_from_the_groups(ask: Ask) -> None:
    result = await ask(
        metrics=["order_count", "revenue", "average", "items_per_order"], dimensions=["product"], totals=True
    )
    assert [row[:3] for row in result.rows] == [("pen", 3, 155), ("ink", 2, 170), (None, 1, 20)]
    assert result.totals == {"order_count": 5, "revenue": 245, "average": 49.0, "items_per_order": 1.8}


async def test_columns_say_whether_their_rows_add_up_and_why_not(ask: Ask) -> None:
    result = await ask(metrics=["revenue", "average", "items_per_order"], dimensions=["region"])
    found = {column.member: (column.additive, column.why_not_additive) for column in result.columns[1:]}
    assert found == {
        "revenue": (True, None),
        "average": (False, "averages do not add up"),
        "items_per_order": (False, "it is computed from quantity, order_count after these are aggregated"),
    }


async def test_a_bridge_is_told(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["product"])
    assert noted(result, "order_count by product") == (
        "order_count by product is read through items: each of the orders counts once for every product of its items,"
        " so the rows do not add up to the total."
    )


async def test_a_ratio_under_a_filter_says_that_both_its_parts_are_limited(ask: Ask) -> None:
    result = await ask(metrics=["items_per_order"], filters={"product": "ink"})
    assert result.rows == ((1.0,),)
    assert noted(result, "items_per_order is limited") == (
        "items_per_order is limited in all its parts: of the orders only those count that have items with product ink."
    )


async def test_a_negative_filter_below_a_one_to_many_step_says_what_it_keeps(ask: Ask) -> None:
    filters = [{"member": "product", "operator": "notEquals", "values": ["ink"]}]
    result = await ask(metrics=["order_count"], filters=filters)
    assert result.rows == ((4,),)
    assert noted(result, 'The filter "product not ink"')


async def test_rows_of_the_null_group_are_explained(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["region"])
    assert result.rows == (("north", 2), ("south", 2), (None, 1))
    assert noted(result, "Where region is empty")


async def test_a_range_of_more_than_a_year_is_warned_of(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], date_range="2025-01-01 to 2026-11-30")
    assert noted(result, "The date range spans more than a year (from 2025-01-01 to 2026-11-30)")
    assert noted(result, "The date range is not over yet")


async def test_an_empty_answer_names_the_filter_that_emptied_it(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["region"], filters={"product": "cup", "status": "paid"})
    assert result.rows == ()
    assert result.notes[0] == 'Nothing passes all filters; leaving out "product cup" finds 5 orders.'


async def test_each_guilty_filter_is_named_also_those_by_default_and_date_ranges(ask: Ask) -> None:
    result = await ask(
        metrics=["order_count"], dimensions=["product"], date_range="2026-11-21", filters={"region": "south"}
    )
    assert result.notes[0] == (
        "Nothing passes all filters; leaving out the date range created_at from 2026-11-21 to 2026-11-21 finds 2 orders;"
        ' leaving out the default filter "status paid" finds one of the orders.'
    )


async def test_an_empty_answer_whose_filters_only_together_are_guilty_says_that(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["region"], filters={"region": "west", "product": "cup"})
    assert result.notes[0] == (
        'Nothing passes the filters; leaving out "region west", "product cup" or the default filter "status paid" alone'
        " does not change that."
    )


async def test_a_filter_on_a_metric_that_no_group_passes_is_told(ask: Ask) -> None:
    filters = [{"member": "order_count", "operator": "gt", "values": [5]}]
    result = await ask(metrics=["order_count"], dimensions=["region"], filters=filters)
    assert result.notes[0] == "No group has order_count above 5; the other filters leave 5 orders."


async def test_a_count_of_nothing_is_explained_like_no_rows(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], filters={"product": "cup"})
    assert result.rows == ((0,),)
    assert result.notes[0] == 'Nothing passes all filters; leaving out "product cup" finds 5 orders.'


async def test_someone_who_may_see_nothing_is_told_so(model: engine.Model, database: engine.Database) -> None:
    result = await engine.run_query({"metrics": ["every_count"]}, model, database, security={"shop": 9}, now=NOW)
    assert result.rows == ((0,),)
    assert result.notes[0] == "There are no orders at all for you to see here."


async def test_values_of_policies_are_nowhere_in_the_payload(model: engine.Model, database: engine.Database) -> None:
    query = {"metrics": ["order_count"], "dimensions": ["region"], "date_range": "2026"}
    result = await engine.run_query(query, model, database, security={"shop": 424242}, now=NOW)
    assert "424242" not in json.dumps(result.as_dict())


@pytest.mark.parametrize(
    "query",
    [
        {"metrics": ["order_count"], "dimensions": ["order", "month"], "date_range": "last month", "limit": 7},
        {"metrics": ["revenue"], "start_date": "3 months ago", "filters": {"product": ["pen", None]}},
        {"metrics": ["revenue"], "end_date": "2026-11-20T10:00", "dimensions": ["region"], "sort_by": "region"},
        {
            "metrics": ["order_count"],
            "dimensions": ["region"],
            "filters": [
                {"member": "product", "operator": "contains", "values": ["50%!_"]},
                {"or": [{"member": "region", "operator": "notSet"}, {"member": "region", "values": ["north"]}]},
                {"member": "created_at", "operator": "notInDateRange", "values": ["last week"]},
                {"member": "created_at", "operator": "afterDate", "values": ["2026-01-01T10:00:00Z"]},
                {"member": "order_count", "operator": "gte", "values": [1]},
            ],
        },
        {
            "measures": ["sales.revenue"],
            "timeDimensions": [
                {"dimension": "sales.created_at", "granularity": "week", "dateRange": "from 1 hour ago to now"}
            ],
            "order": [["sales.revenue", "asc"]],
            "timezone": "Europe/Berlin",
        },
    ],
)
async def test_a_replay_is_the_same_statement_at_any_later_time(
    query: dict[str, Any], model: engine.Model, database: engine.Database
) -> None:
    result = await engine.run_query(query, model, database, security=ASKER, now=NOW)
    replay = json.loads(json.dumps(result.account.replay))
    first = engine.compile_query(query, model, security=ASKER, now=NOW)
    again = engine.compile_query(replay["query"], model, security=ASKER, now=NOW.replace(year=2031))
    assert (again.sql, again.parameters) == (first.sql, first.parameters)
    assert result.account.model["digest"] == model.digest[:16]


async def test_the_payload_is_plain_compact_data(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["order"], limit=1)
    payload = json.loads(json.dumps(result.as_dict(replay=False)))
    assert payload["columns"] == [
        {"name": "order_id", "title": "Order id", "type": "number", "role": "key"},
        {"name": "order", "title": "Order", "type": "string", "role": "dimension"},
        {
            "name": "order_count",
            "title": "Orders",
            "type": "number",
            "role": "measure",
            "unit": "orders",
            "additive": True,
        },
    ]
    assert payload["rows"] == [[1, "#1", 1]]
    assert (payload["row_count"], payload["total_rows"], payload["cut"]) == (1, 5, True)
    assert payload.keys().isdisjoint({"totals", "freshness", "undated", "partial", "replay"})
    assert result.dicts() == [{"order_id": 1, "order": "#1", "order_count": 1}]


async def test_the_time_limit_is_of_all_statements_together(tmp_path: Path) -> None:
    hasty = make_model(tmp_path, SETTINGS.replace("seconds: 10", "seconds: 0.000001"))
    async with engine.open_database(make_database(tmp_path)) as database:
        with pytest.raises(engine.QueryTimeout, match="longer than 1e-06 s"):
            await engine.run_query({"metrics": ["revenue"]}, hasty, database, security=ASKER, now=NOW)


class Unwilling:
    """A database that refuses the statements that contain some text."""

    def __init__(self, database: engine.Database, refused: str) -> None:
        self.database = database
        self.refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    async def fetch(self, sql: str, parameters: Any, **options: Any) -> Any:
        if self.refused in sql:
            raise engine.DatabaseError(engine.Issue("E_DATABASE_REFUSED", "No."))
        return await self.database.fetch(sql, parameters, **options)


async def test_what_only_explains_is_left_out_where_the_database_refuses_it(
    model: engine.Model, database: engine.Database
) -> None:
    query = {"metrics": ["order_count"], "dimensions": ["order"], "date_range": "2026", "limit": 1}
    result = await engine.run_query(query, model, Unwilling(database, "IS NULL"), security=ASKER, now=NOW)
    assert (result.rows, result.account.undated, result.total_rows) == (((1, "#1", 1),), {}, 4)
    result = await engine.run_query(query, model, Unwilling(database, "counted"), security=ASKER, now=NOW)
    assert (result.cut, result.total_rows) == (True, None)
    assert result.notes[0] == "1 row is shown: the limit of 1 was reached, and there may be more."
    query = {"metrics": ["order_count"], "dimensions": ["region"], "filters": {"region": "west"}}
    result = await engine.run_query(query, model, Unwilling(database, "AS orders"), security=ASKER, now=NOW)
    assert result.notes[0] == "No rows were found."


async def test_what_was_asked_for_fails_with_its_statement(model: engine.Model, database: engine.Database) -> None:
    query = {"metrics": ["order_count"], "dimensions": ["order"], "total": True}
    with pytest.raises(engine.DatabaseError, match="No"):
        await engine.run_query(query, model, Unwilling(database, "counted"), security=ASKER, now=NOW)


async def test_a_statement_that_is_stopped_names_the_limit_of_all(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n) SELECT id FROM n"
    (tmp_path / "endless.yml").write_text(
        f"cubes: [{{name: endless, sql: '{endless}', measures: [{{name: count, type: count}}]}}]", encoding="utf-8"
    )
    hasty = make_model(tmp_path, SETTINGS.replace("seconds: 10", "seconds: 0.2"))
    async with engine.open_database(make_database(tmp_path)) as database:
        with pytest.raises(engine.QueryTimeout, match=r"longer than 0\.2 s"):
            await engine.run_query({"measures": ["endless.count"]}, hasty, database, now=NOW)


async def test_segments_are_told_and_replayed(ask: Ask) -> None:
    result = await ask(metrics=["order_count"], dimensions=["region"], segments=["orders.large"])
    assert result.rows == (("north", 1), ("south", 1))
    assert result.query["filters"] == [{"segment": "orders.large"}]
    assert result.account.replay["query"]["segments"] == ["orders.large"]


async def test_a_cube_read_for_a_looked_up_measure_is_limited_and_told(ask: Ask) -> None:
    result = await ask(dimensions=["customers.spent"])
    assert result.rows == ((120,), (150,))
    assert result.query["policies"] == {"orders": ["shop_id"]}


class Watcher:
    """Says that orders are a day old, and remembers what it was asked."""

    scope: engine.Scope

    async def ensure(self, scope: engine.Scope) -> engine.FreshnessReport:
        self.scope = scope
        orders = engine.SourceState("orders", NOW.replace(day=21), refreshed=2, failed=1)
        return engine.FreshnessReport((orders,), ("Two orders were stale and were refreshed.",))


async def test_freshness_is_asked_for_what_is_read_and_told(ask: Ask) -> None:
    watcher = Watcher()
    result = await ask(watcher, metrics=["order_count"], dimensions=["region"], date_range="this month")
    assert [source.name for source in watcher.scope.sources] == ["orders", "customers"]
    assert watcher.scope.query == result.query
    assert result.as_dict()["freshness"] == {"orders": {"as_of": "2026-11-21T15:00:00Z", "refreshed": 2, "failed": 1}}
    assert "Two orders were stale and were refreshed." in result.notes


async def test_a_source_that_was_never_synced_has_no_age() -> None:
    assert engine.SourceState("bugs", None, pending=3).as_dict() == {"as_of": None, "pending": 3}


async def test_arrow_without_its_package_is_refused_with_the_remedy(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = await ask(metrics=["order_count"])
    with pytest.raises(engine.EngineError, match="pip install pyarrow"):
        result.to_arrow()


async def test_arrow_keeps_names_values_and_types(ask: Ask) -> None:
    pytest.importorskip("pyarrow")
    result = await ask(metrics=["revenue", "average"], dimensions=["month"])
    table = result.to_arrow()
    assert [str(field.type) for field in table.schema] == ["date32[day]", "int64", "double"]
    assert table.column_names == ["month", "revenue", "average"]
    assert table.column("revenue").to_pylist() == [100, 125, 20]


async def test_a_zone_that_days_go_by_is_part_of_the_sentence(ask: Ask) -> None:
    by_month = await ask(metrics=["order_count"], granularity="month", timezone="Asia/Tokyo")
    assert "days as in Asia/Tokyo" in by_month.account.explanation
    by_region = await ask(metrics=["order_count"], dimensions=["region"], timezone="Asia/Tokyo")
    assert "days as in" not in by_region.account.explanation
