"""The examples of the document: questions to the model for TestIO that is installed with the program; a test asks each."""

from __future__ import annotations

from typing import Any

QUESTIONS: dict[str, Any] = {
    "flat": {
        "summary": "Metrics by dimensions",
        "value": {"metrics": ["bug_count", "critical_bug_count"], "dimensions": ["feature"], "limit": 5},
    },
    "filtered": {
        "summary": "Filtered, over time",
        "value": {
            "metrics": ["bug_count"],
            "dimensions": ["month"],
            "filters": {"severity": ["critical", "high"]},
            "date_range": "last 6 months",
        },
    },
    "compared": {
        "summary": "Compared with the range before",
        "value": {"metrics": ["bug_count", "test_count"], "date_range": "last month", "compare": ["2 months ago"]},
    },
    "cube": {
        "summary": "In Cube's format",
        "value": {
            "measures": ["testing.bug_count"],
            "timeDimensions": [{"dimension": "testing.end_at", "granularity": "month", "dateRange": "last quarter"}],
        },
    },
    "sql": {
        "summary": "In SQL",
        "value": {"sql": "SELECT severity, MEASURE(bug_count) FROM testing GROUP BY 1"},
    },
}
CUBE_QUESTIONS = {
    "one": {"summary": "One query", "value": {"query": QUESTIONS["cube"]["value"], "queryType": "multi"}},
    "compared": {
        "summary": "Two date ranges",
        "value": {
            "query": {
                "measures": ["testing.bug_count"],
                "timeDimensions": [
                    {"dimension": "testing.end_at", "compareDateRange": ["this quarter", "last quarter"]}
                ],
            },
            "queryType": "multi",
        },
    },
    "blended": {
        "summary": "Two queries by one time",
        "value": {
            "query": [
                {
                    "measures": [measure],
                    "timeDimensions": [
                        {"dimension": "testing.end_at", "granularity": "month", "dateRange": "last quarter"}
                    ],
                }
                for measure in ("testing.bug_count", "testing.test_count")
            ],
            "queryType": "multi",
        },
    },
}
ONE_CUBE_QUESTION = {"one": {"summary": "One query", "value": {"query": QUESTIONS["cube"]["value"]}}}
