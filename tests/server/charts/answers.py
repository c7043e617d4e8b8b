"""Answers to draw, made by hand: each is a table of a few rows, and what a chart of it has to be is easy to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import Account, Result
from engine.execute.periods import PartialPeriod
from engine.sql.statement import ResultColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

SEVERITY = ResultColumn("severity", "string", "dimension", title="Severity")
FEATURE_ID = ResultColumn("feature_id", "number", "key", title="Feature id")
FEATURE = ResultColumn("feature", "string", "dimension", title="Feature")
PRODUCT = ResultColumn("product", "string", "dimension", title="Product")
KNOWN = ResultColumn("known_bug", "boolean", "dimension", title="Known bug")
MONTH = ResultColumn("month", "date", "time", title="End (month)", granularity="month")
QUARTER = ResultColumn("quarter", "date", "time", title="End (quarter)", granularity="quarter")
WEEK = ResultColumn("week", "date", "time", title="End (week)", granularity="week")
HOUR = ResultColumn("end_at.hour", "time", "time", title="End (hour)", granularity="hour")
SECOND = ResultColumn("end_at.second", "time", "time", title="End (second)", granularity="second")
SIZE = ResultColumn("size", "number", "dimension", title="Size")
SPRINT = ResultColumn("sprint", "date", "time", title="Sprint", granularity="sprint")
END = ResultColumn("end_at", "time", "dimension", title="End")
BUGS = ResultColumn("bug_count", "number", "measure", title="Bugs", unit="bugs", additive=True)
CRITICAL = ResultColumn("critical_bug_count", "number", "measure", title="Critical bugs", unit="bugs", additive=True)
SCORE = ResultColumn("score", "number", "measure", title="Score", unit="points", additive=True)
RATE = ResultColumn(
    "rejection_rate",
    "number",
    "measure",
    title="Rejection rate",
    unit="share of bugs",
    format="percent",
    additive=False,
)
TESTERS = ResultColumn("testers", "number", "measure", title="Testers", unit="testers", additive=False)
LATEST = ResultColumn("latest", "time", "measure", title="Latest bug")


def answer(
    columns: Sequence[ResultColumn],
    rows: Sequence[Sequence[Any]],
    *,
    explanation: str = "",
    order: Sequence[tuple[str, str]] = (),
    total: int | None = None,
    partial: Sequence[PartialPeriod] = (),
    notes: Sequence[str] = (),
) -> Result:
    """An answer of these columns and rows."""
    account = Account(
        explanation,
        {"name": "testio", "release": "1.0.0", "digest": "0"},
        freshness={"bugs": {"as_of": "2026-11-23T06:00:00Z"}},
        partial=tuple(partial),
        replay={"query": {"metrics": []}, "now": "2026-11-23T08:00:00+02:00"},
    )
    query = {"order": [list(each) for each in order]} if order else {}
    return Result(
        tuple(columns), tuple(tuple(row) for row in rows), tuple(notes), query, total, account=account, sql="SELECT 1"
    )


def many(count: int) -> list[tuple[str, int]]:
    """So many categories with falling numbers."""
    return [(f"name {number:02}", 1000 - number) for number in range(count)]


MANY_SERIES = [(f"2026-0{month}-01", f"name {number}", 10 * number + month) for month in (1, 2) for number in range(10)]
NOVEMBER = PartialPeriod("month", "2026-11", 23, 30, "days")
DECEMBER = PartialPeriod("month", "2026-12", 0, 31, "days")

ANSWERS: dict[str, Result] = {
    "no rows": answer([SEVERITY, BUGS], [], explanation="Bugs by severity."),
    "no metrics": answer([SEVERITY], [["high"]]),
    "only texts": answer([LATEST], [["2026-11-01T10:00:00"]]),
    "all empty": answer([SEVERITY, RATE], [["high", None], ["low", None]]),
    "single rows": answer([SEVERITY, BUGS], [["high", 1], ["high", 1]]),
    "one number": answer([BUGS], [[3000]], explanation="Bugs, by default only test_status running."),
    "several numbers": answer(
        [BUGS, RATE, TESTERS], [[3000, 0.2, None]], explanation="Bugs, rejection rate and testers."
    ),
    "time": answer([MONTH, BUGS], [["2026-09-01", 5], ["2026-11-01", 7]], partial=[NOVEMBER]),
    "time to come": answer(
        [MONTH, BUGS],
        [["2026-10-01", 5], ["2026-11-01", 7], ["2026-12-01", 1]],
        partial=[NOVEMBER, DECEMBER],
    ),
    "single points": answer(
        [MONTH, BUGS], [["2016-03-01", 5], ["2021-07-01", 0], ["2026-12-01", 9]], partial=[DECEMBER]
    ),
    "single points below nothing": answer([QUARTER, SCORE], [["2025-10-01", -3], ["2026-04-01", 2]]),
    "single points and two in a row": answer(
        [MONTH, BUGS], [["2026-01-01", 5], ["2026-03-01", 2], ["2026-04-01", 2], ["2026-06-01", 4]]
    ),
    "single points of two": answer(
        [MONTH, SEVERITY, BUGS], [["2026-01-01", "low", 5], ["2026-03-01", "low", 2], ["2026-02-01", "high", 9]]
    ),
    "time unordered, with none": answer([MONTH, BUGS], [["2026-02-01", 5], [None, 9], ["2026-01-01", 7]]),
    "weeks over new year": answer([WEEK, BUGS], [["2025-12-22", 1], ["2026-01-05", 2]]),
    "hours": answer([HOUR, BUGS], [["2026-01-01T23:00:00", 1], ["2026-01-02T01:00:00", 2]]),
    "quarters": answer([QUARTER, BUGS], [["2025-10-01", 1], ["2026-04-01", 2]]),
    "seconds": answer([SECOND, BUGS], [["2026-01-01T23:59:59", 1], ["2026-01-02T00:00:01", 2]]),
    "buckets of one's own": answer([SPRINT, BUGS], [["2026-01-05", 1], ["2026-02-02", 2]]),
    "moments": answer([END, BUGS], [["2026-01-02T10:00:00", 1], ["2026-01-01T10:30:00", 2]]),
    "one month": answer([MONTH, BUGS], [["2026-02-01", 5]]),
    "time and scales": answer(
        [MONTH, BUGS, RATE, CRITICAL],
        [["2026-01-01", 5, 0.2, 1], ["2026-02-01", 6, None, 2]],
        explanation="Bugs, rejection rate and critical bugs by month.",
    ),
    "time and category": answer(
        [MONTH, SEVERITY, BUGS], [["2026-01-01", "low", 5], ["2026-01-01", "high", 2], ["2026-02-01", "high", 9]]
    ),
    "time and many": answer([MONTH, FEATURE, BUGS], MANY_SERIES),
    "time and many rates": answer([MONTH, FEATURE, RATE], [(*row[:2], row[2] / 200) for row in MANY_SERIES]),
    "month and quarter": answer(
        [QUARTER, MONTH, BUGS],
        [["2026-01-01", "2026-01-01", 5], ["2026-01-01", "2026-02-01", 2], ["2026-04-01", "2026-04-01", 9]],
    ),
    "category": answer([SEVERITY, BUGS], [["low", 5], [None, 9], ["", 7]], explanation="Bugs by severity, most first."),
    "yes and no": answer([KNOWN, BUGS], [[True, 5], [False, 9]]),
    "names of two": answer([FEATURE_ID, FEATURE, BUGS], [[7, "Login", 5], [8, "Search", 4], [9, "Login", 3]]),
    "values that look alike": answer([SIZE, BUGS], [[1.001, 5], [1.002, 4], [None, 3]]),
    "a key alone": answer([FEATURE_ID, BUGS], [[7, 5], [8, 4]]),
    "many categories": answer([FEATURE, BUGS], many(43)),
    "many categories, two metrics": answer([FEATURE, BUGS, CRITICAL], [(*row, 1) for row in many(43)]),
    "category and scales": answer([SEVERITY, BUGS, RATE], [["low", 5, 0.25], ["high", 9, 0.5]]),
    "piled up": answer(
        [PRODUCT, SEVERITY, BUGS],
        [["A", "low", 6], ["B", "low", 5], ["B", "high", 4], ["C", "high", 1]],
        order=[("bug_count", "desc")],
    ),
    "piled up, least first": answer(
        [PRODUCT, SEVERITY, BUGS],
        [["C", "high", 1], ["B", "high", 4], ["B", "low", 5], ["A", "low", 6]],
        order=[("bug_count", "asc")],
    ),
    "piled up, by name": answer(
        [PRODUCT, SEVERITY, BUGS],
        [["A", "low", 6], ["B", "low", 5], ["B", "high", 4], ["C", "high", 1]],
        order=[("product", "asc")],
    ),
    "side by side": answer([PRODUCT, SEVERITY, RATE], [["A", "low", 0.5], ["B", "low", 0.2], ["B", "high", 0.1]]),
    "below nothing": answer([PRODUCT, SEVERITY, BUGS], [["A", "low", 6], ["B", "low", -5], ["B", "high", 4]]),
    "many series piled up": answer(
        [PRODUCT, FEATURE, BUGS],
        [(f"P{row[0][6]}{number % 20}", row[1], row[2]) for number, row in enumerate(MANY_SERIES)],
    ),
    "one series too many": answer(
        [PRODUCT, SEVERITY, BUGS],
        [(f"P{row}", f"name {column}", row + column) for row in range(9) for column in range(8)],
    ),
    "many series of rates": answer(
        [PRODUCT, SEVERITY, RATE],
        [(f"P{row}", f"name {column}", column / 20) for row in range(12) for column in range(11)],
    ),
    "piled up and rates": answer(
        [PRODUCT, SEVERITY, BUGS, RATE], [["A", "low", 6, 0.5], ["B", "low", 5, 0.2], ["B", "high", 4, 0]]
    ),
    "three dimensions": answer(
        [PRODUCT, SEVERITY, KNOWN, BUGS], [["A", "low", True, 6], ["B", "low", False, 5], ["C", "high", True, 4]]
    ),
    "a constant": answer([PRODUCT, SEVERITY, BUGS], [["A", "low", 6], ["A", "high", 5]]),
    "cut": answer([SEVERITY, BUGS], [["low", 6], ["high", 5]], total=6),
    "cut series": answer([MONTH, SEVERITY, BUGS], [["2026-01-01", "low", 6], ["2026-02-01", "high", 5]], total=147),
    "a text beside": answer([SEVERITY, BUGS, LATEST], [["low", 6, "2026-01-01"], ["high", 5, None]]),
    "too many scales": answer(
        [
            SEVERITY,
            *(
                ResultColumn(f"m{number}", "number", "measure", title=f"M{number}", unit=f"u{number}", additive=True)
                for number in range(6)
            ),
        ],
        [["low", 1, 2, 3, 4, 5, 6], ["high", 1, 2, 3, 4, 5, 6]],
    ),
    "compared": answer(
        [
            MONTH,
            BUGS,
            ResultColumn("bug_count.previous", "number", "measure", title="Bugs before", unit="bugs", additive=True),
            ResultColumn("bug_count.delta", "number", "measure", title="Bugs, difference", unit="bugs", additive=True),
            ResultColumn(
                "bug_count.percent", "number", "measure", title="Bugs, change", format="percent", additive=False
            ),
        ],
        [["2026-01-01", 5, 4, 1, 0.25], ["2026-02-01", 6, 6, 0, 0]],
        explanation="Bugs by month, compared with another year.",
    ),
}
