"""Whatever an agent sends, query_metrics answers it or refuses it in words: never a crash, never an unexplained error."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import load_model, open_database
from server.agents.payload import BUDGET, compact
from server.agents.query_metrics import query_metrics
from server.agents.tool import Refusal
from server.settings import SHIPPED_MODEL
from tests.server.serving import source_of

if TYPE_CHECKING:
    from pathlib import Path

    from server.agents.source import Source

MODEL = load_model(SHIPPED_MODEL)

names = st.sampled_from(
    [
        "bug_count",
        "bugs_per_test",
        "severity",
        "feature",
        "feature_id",
        "month",
        "platform",
        "bug_cnt",
        "defects",
        "",
        "a.b",
        "×",
    ]
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2000),
    st.text(max_size=5),
    st.sampled_from(["critical", "crit", "[", '["low"]']),
)
filters = st.dictionaries(
    names,
    st.one_of(
        values,
        st.lists(values, max_size=3),
        st.fixed_dictionaries(
            {},
            optional={
                "operator": st.sampled_from(["equals", "eqals", "gt", "set", "inDateRange"]),
                "values": st.lists(values, max_size=2),
                "vals": values,
            },
        ),
    ),
    max_size=2,
)
listed = st.lists(
    st.fixed_dictionaries(
        {"member": names, "operator": st.sampled_from(["equals", "eqals", "gt"])},
        optional={"values": st.lists(values, max_size=2), "or": st.just([])},
    ),
    max_size=2,
)
dates = st.sampled_from(
    ["last month", "2026-01-01", "2025-13-45", "yesterdy", "2025-Q3", "2025-01-01 to 2025-03-31", ""]
)
calls = st.fixed_dictionaries(
    {},
    optional={
        "metrics": st.one_of(st.lists(names, max_size=3), names, values, st.just('["bug_count"]')),
        "dimensions": st.one_of(st.lists(names, max_size=4), names, values),
        "filters": st.one_of(filters, listed, values),
        "start_date": st.one_of(dates, values),
        "end_date": st.one_of(dates, values),
        "sort_by": st.one_of(names, values),
        "sort_order": st.sampled_from(["asc", "desc", "up", None]),
        "limit": st.one_of(st.integers(-1, 3000), values),
        "cursor": values,
        "time_dimension": st.one_of(names, st.just("reported_at")),
        "granularity": st.sampled_from(["month", "weeks", "", "fortnight"]),
        "fill": values,
        "total": values,
        "totals": st.booleans(),
        "timezone": st.sampled_from(["UTC", "Berlin", "Mars/Base"]),
        "compare": st.one_of(
            st.lists(st.one_of(dates, st.just("previous period"), st.lists(dates, max_size=3)), max_size=2), values
        ),
        "date_range": st.one_of(dates, st.lists(dates, max_size=3), values),
        "timeDimensions": values,
        "metric": names,
        "where": filters,
    },
)


def test_any_call_is_answered_or_refused_in_words(database: Path) -> None:
    source = source_of(MODEL, open_database(str(database)), {"customer_id": 1})

    @settings(max_examples=200, deadline=None)
    @given(call=calls)
    def check(call: dict[str, Any]) -> None:
        answer, offered = asyncio.run(answered(source, call))
        if answer is not None:
            assert len(compact(answer)) <= BUDGET
        elif offered is not None:
            again, _ = asyncio.run(answered(source, offered))
            assert again is not None

    check()
    asyncio.run(source.service.database.close())


async def answered(source: Source, call: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The answer to a call, or else the call that the refusal offers, if it offers one."""
    try:
        return (await query_metrics(source, call)).data, None
    except Refusal as refusal:
        _, found, offered = str(refusal).rpartition("\nThis call works")
        return None, json.loads(offered[offered.index("{") :]) if found else None
