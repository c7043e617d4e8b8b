"""Cube's own client, unchanged, against our server: what it makes of our answers equals hand-written SQL."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

SCRIPT = Path(__file__).parent / "cube_client.mjs"
BUGS = """
    bugs JOIN tests ON tests.id = bugs.test_id
    WHERE bugs.customer_id = 1 AND tests.customer_id = 1 AND tests.status IN ('running', 'locked', 'archived')
"""
MONTH = "strftime('%Y-%m-01T00:00:00.000', tests.end_at)"


class Span(NamedTuple):
    """Three whole months that have data."""

    first: str
    last: str

    @property
    def condition(self) -> str:
        return f"date(tests.end_at) BETWEEN '{self.first}' AND '{self.last}'"


@pytest.fixture(scope="module")
def ask(database: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(sql).fetchall()

    return ask


@pytest.fixture(scope="module")
def span(ask: Callable[[str], list[tuple[Any, ...]]]) -> Span:
    newest = "date(max(tests.end_at), 'start of month', '{}')"
    first, last = newest.format("-6 months"), newest.format("-3 months', '-1 day")
    (row,) = ask(f"SELECT {first}, {last} FROM {BUGS}")
    return Span(*row)


@pytest.fixture(scope="module")
def found(node: Callable[..., subprocess.CompletedProcess[str]], url: str, span: Span) -> dict[str, Any]:
    """What the client made of everything that it asked."""
    done = node(str(SCRIPT), url.removesuffix("/mcp"), span.first, span.last)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


@pytest.fixture(scope="module")
def months(ask: Callable[[str], list[tuple[Any, ...]]], span: Span) -> dict[str, int]:
    return dict(ask(f"SELECT {MONTH}, COUNT(*) FROM {BUGS} AND {span.condition} GROUP BY 1 ORDER BY 1"))


@pytest.fixture(scope="module")
def severities(ask: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, int]:
    return dict(ask(f"SELECT severity, COUNT(*) FROM {BUGS} GROUP BY 1 ORDER BY 2 DESC, 1"))


def test_series_over_time(found: dict[str, Any], months: dict[str, int], span: Span) -> None:
    assert len(months) == 3
    (series,) = found["series"]
    assert {point["x"]: point["value"] for point in series["series"]} == months
    assert (series["title"], series["shortTitle"]) == ("Testing Bugs", "Bugs")
    assert {row["x"]: row["testing.bug_count"] for row in found["chart"]} == months
    assert found["deserialized"] == found["chart"]
    (time,) = found["query"]["timeDimensions"]
    assert time["dateRange"] == [f"{span.first}T00:00:00.000", f"{span.last}T23:59:59.999"]


def test_a_pivot_of_two_dimensions(
    found: dict[str, Any], ask: Callable[[str], list[tuple[Any, ...]]], span: Span
) -> None:
    truth = {
        (month, severity): str(count)
        for month, severity, count in ask(
            f"SELECT {MONTH}, severity, COUNT(*) FROM {BUGS} AND {span.condition} GROUP BY 1, 2"
        )
    }
    shown = {
        (row["testing.end_at.month"], column.removesuffix(",testing.bug_count")): value
        for row in found["pivoted"]
        for column, value in row.items()
        if column != "testing.end_at.month" and value
    }
    assert shown == truth
    assert found["columns"][0] == {
        "key": "testing.end_at.month",
        "dataIndex": "testing.end_at.month",
        "title": "Testing End of the test",
        "shortTitle": "End of the test",
        "type": "time",
        "granularity": "month",
    }
    assert {each["yValues"][0] for each in found["names"]} == {severity for _, severity in truth}


def test_filters_order_and_numbers(found: dict[str, Any], ask: Callable[[str], list[tuple[Any, ...]]]) -> None:
    truth = ask(
        f"""SELECT severity, COUNT(*), 1.0 * SUM(bugs.status = 'accepted') / COUNT(*) FROM {BUGS}
        AND (bugs.status <> 'rejected' OR bugs.status IS NULL) AND (severity = 'critical' OR severity LIKE 'lo%')
        GROUP BY 1 ORDER BY 1 DESC"""
    )
    rows = found["filtered"]
    assert [(row["testing.severity"], row["testing.bug_count"]) for row in rows] == [row[:2] for row in truth]
    assert [row["testing.active_acceptance_rate"] for row in rows] == pytest.approx([row[2] for row in truth])


def test_a_page_and_the_number_of_all(found: dict[str, Any], ask: Callable[[str], list[tuple[Any, ...]]]) -> None:
    truth = ask(
        f"""SELECT features.title, COUNT(*) FROM {
            BUGS.replace(
                "WHERE",
                '''
        LEFT JOIN test_features ON test_features.id = bugs.test_feature_id
        LEFT JOIN features ON features.id = test_features.feature_id WHERE''',
            )
        }
        GROUP BY features.id, 1 ORDER BY 2 DESC, features.title NULLS LAST, features.id NULLS LAST"""
    )
    assert found["total"] == len(truth)
    assert [(row["testing.feature"], int(row["testing.bug_count"])) for row in found["features"]] == truth[1:4]


def test_the_other_layouts_and_long_queries(found: dict[str, Any], severities: dict[str, int]) -> None:
    for layout in ("compact", "columnar"):
        assert {row["testing.severity"]: int(row["testing.bug_count"]) for row in found[layout]} == severities
    (posted,) = found["posted"]
    assert int(posted["testing.bug_count"]) == severities["critical"] + severities["high"]


def test_date_ranges_are_compared(found: dict[str, Any], months: dict[str, int], span: Span) -> None:
    ((first,), (second,)) = found["compared"]
    assert int(first["testing.bug_count"]) == sum(months.values())
    assert first["compareDateRange"] == f"{span.first}T00:00:00.000 - {span.last}T23:59:59.999"
    assert int(second["testing.bug_count"]) > int(first["testing.bug_count"])
    assert found["comparedNames"] == [first["compareDateRange"], second["compareDateRange"]]


def test_queries_are_blended(
    found: dict[str, Any], ask: Callable[[str], list[tuple[Any, ...]]], months: dict[str, int], span: Span
) -> None:
    tests = dict(
        ask(
            f"""SELECT {MONTH}, COUNT(*) FROM tests WHERE customer_id = 1
            AND status IN ('running', 'locked', 'archived') AND {span.condition} GROUP BY 1"""
        )
    )
    assert {row["x"]: row["testing.bug_count"] for row in found["blended"]} == months
    assert {row["x"]: row["testing.test_count"] for row in found["blended"]} == tests


def test_sql_and_what_a_query_means(found: dict[str, Any], severities: dict[str, int]) -> None:
    assert found["sql"].startswith("SELECT")
    assert found["dryRun"]["queryType"] == "regularQuery"
    assert found["dryRun"]["normalizedQueries"][0]["measures"] == ["testing.bug_count"]
    assert dict(found["cubeSql"]["data"]) == severities
    assert [column["name"] for column in found["cubeSql"]["schema"]] == ["severity", "bug_count"]
    assert [chunk["type"] for chunk in found["streamed"]] == ["schema", "data"]
    assert found["streamed"][1]["data"] == [[sum(severities.values())]]
    (polled,) = found["polled"]
    assert int(polled["testing.bug_count"]) == sum(severities.values())


def test_metadata(found: dict[str, Any]) -> None:
    assert (found["member"]["shortTitle"], found["member"]["type"]) == ("Bugs", "number")
    assert found["time"] == "testing.end_at"
    assert "inDateRange" in found["operators"]
    assert {"testing", "bugs", "tests"} <= set(found["cubes"])


def test_an_error_says_what_is_wrong_and_what_is_right(found: dict[str, Any]) -> None:
    assert found["error"]["status"] == 400
    assert found["error"]["code"] == "E_NAME_NOT_FOUND"
    assert '"testing.bug_count"' in found["error"]["message"]
