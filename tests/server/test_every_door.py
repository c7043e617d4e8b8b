"""One engine behind every door: Python, HTTP in each form, Cube's API, agents and the command line give the same numbers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from engine import load_model, open_database, run_query
from server.agents.query_metrics import query_metrics
from server.service import Caller, FixedModel, Service
from server.settings import SHIPPED_MODEL
from tests.server.http.conftest import application_of, client_of
from tests.server.serving import source_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Run

pytestmark = pytest.mark.anyio

SECURITY = {"customer_id": 1}
Rows = list[list[Any]]

QUESTIONS: dict[str, dict[str, Any]] = {
    "a number": {"metrics": ["bug_count"]},
    "labels with keys": {"metrics": ["bug_count", "test_count"], "dimensions": ["feature"], "limit": 7},
    "rates": {"metrics": ["active_acceptance_rate", "bugs_per_test"], "dimensions": ["severity"]},
    "a fan": {"metrics": ["test_count", "features_tested"], "dimensions": ["tester"], "limit": 20},
    "over time": {"metrics": ["bug_count", "active_testers"], "dimensions": ["month"], "date_range": "last 6 months"},
    "filtered": {
        "metrics": ["bug_count"],
        "dimensions": ["product", "status"],
        "filters": {"severity": ["critical", "high"]},
        "sort_by": "bug_count",
    },
    "the latest first": {"metrics": ["bug_count"], "dimensions": ["month"], "sort_order": "desc", "limit": 3},
    "the least first": {"metrics": ["bug_count"], "dimensions": ["severity"], "sort_order": "asc"},
    "nothing found": {"metrics": ["bug_count", "rejection_rate"], "filters": {"feature": "No such feature"}},
}


def in_cubes_form(question: dict[str, Any]) -> dict[str, Any]:
    """The question as Cube's clients would write it."""
    found: dict[str, Any] = {
        "measures": [f"testing.{name}" for name in question["metrics"]],
        "dimensions": [f"testing.{name}" for name in question.get("dimensions", ())],
        "filters": [
            {"member": f"testing.{name}", "operator": "equals", "values": [value] if isinstance(value, str) else value}
            for name, value in question.get("filters", {}).items()
        ],
        "limit": question.get("limit"),
    }
    if "date_range" in question:
        found["timeDimensions"] = [{"dimension": "testing.end_at", "dateRange": question["date_range"]}]
    if "sort_by" in question:
        found["order"] = {f"testing.{question['sort_by']}": "desc"}
    elif "sort_order" in question:
        first = "month" if "month" in question["dimensions"] else question["metrics"][0]
        found["order"] = {f"testing.{first}": question["sort_order"]}
    return found


def rows_of_cube(result: dict[str, Any], names: list[str]) -> Rows:
    """Rows in the order of the columns, with numbers as numbers and days as days."""

    def value(name: str, written: Any) -> Any:
        if written is None or name in {"month", "feature", "tester", "severity", "product", "status"}:
            return written.removesuffix("T00:00:00.000") if isinstance(written, str) else written
        number = float(written)
        return int(number) if number.is_integer() and "." not in written else number

    return [[value(name, row[f"testing.{name}"]) for name in names] for row in result["data"]]


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
async def test_every_door_gives_the_same_rows(question: dict[str, Any], database: Path, run: Run) -> None:
    model = load_model(SHIPPED_MODEL)
    async with open_database(str(database)) as opened:
        result = await run_query(question, model, opened, security=SECURITY)
        truth = [list(row) for row in result.rows]
        names = [column.member for column in result.columns]

        called = await query_metrics(source_of(model, opened, SECURITY), question)
        assert called.data["rows"] == truth

        service = Service(FixedModel(model), opened)
        async with client_of(application_of(service, Caller(SECURITY))) as client:
            for _ in range(2):
                answered = (await client.post("/v1/query", json=question)).json()
                assert answered["rows"] == truth
                assert [column["name"] for column in answered["columns"]] == names
            loaded = await client.post("/cubejs-api/v1/load", json={"query": in_cubes_form(question)})
            assert rows_of_cube(loaded.json(), names) == truth
            lines = (await client.post("/v1/query?format=ndjson", json=question)).text.splitlines()
            assert [list(json.loads(line).values()) for line in lines] == truth
        service.close()

    printed = await asyncio.to_thread(run, "query", "--json", json.dumps(question), "--format", "json", "--no-refresh")
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout)["rows"] == truth
