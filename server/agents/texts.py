"""The words that agents read: when to reach for this server, what each tool is for, and calls to copy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.agents.source import Source

MOST = 2000
"""Hosts cut instructions and descriptions at two kilobytes."""

INSTRUCTIONS = """\
Answers questions about crowd-testing data (tests, bugs, features, testers, products, customers) with exact numbers from a \
semantic layer: counts, rates and trends, grouped and filtered. Use it for "how many", "which … most", "who", "what share", \
"trend by month". It does not return single bugs' texts, and it changes nothing.

1. Call get_analytics_capabilities once: all metrics, dimensions, values and limits.
2. Call query_metrics with names from it. A refused call says why and ends with a call that works.

Answers carry what to tell the user beside the numbers: the dates meant, filters applied by default, and notes. \
Never add up rows of a column that is not additive: ask with "totals": true instead."""

EXAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Which feature has the most critical bugs?",
        {"metrics": ["bug_count"], "dimensions": ["feature"], "filters": {"severity": "critical"}, "limit": 5},
    ),
    (
        "Who tested the feature Login last month?",
        {
            "metrics": ["bug_count", "test_count"],
            "dimensions": ["tester"],
            "filters": {"feature": "Login"},
            "start_date": "last month",
            "end_date": "last month",
        },
    ),
    (
        "What is the bug density trend by month?",
        {"metrics": ["bugs_per_test"], "dimensions": ["month"], "start_date": "12 months ago"},
    ),
    (
        "Which customers create and submit most tests?",
        {"metrics": ["tests_created", "tests_submitted"], "dimensions": ["customer"]},
    ),
    (
        "Rejections against the quarter before?",
        {
            "metrics": ["rejection_rate"],
            "start_date": "last quarter",
            "end_date": "last quarter",
            "compare": ["previous period"],
        },
    ),
    (
        "Rejection rate by product, from 50 bugs on?",
        {
            "metrics": ["rejection_rate", "bug_count"],
            "dimensions": ["product"],
            "filters": {"bug_count": {"operator": "gte", "values": [50]}},
        },
    ),
)
"""Questions with the calls that answer them; those that a model cannot answer are not shown for it."""

_QUERY = """\
Answers a question about testing data with numbers: metrics, grouped by dimensions. Not for texts of single bugs. \
Call get_analytics_capabilities first for valid names.

Think of a pivot table: `metrics` are the values, `dimensions` the rows, `filters` and the dates the report filter. \
No join inflates a metric.

Patterns
- ranking: a metric by a dimension, by default sorted by the first metric, descending, with `limit`
- trend: the dimension month or week, or `granularity` with `time_dimension`; ascending by default; `fill` adds empty buckets
- share or rate: metrics that are rates; null where nothing divides
- distribution: bug_count by severity or status
- comparison: dates and `compare`
- one number: metrics alone; with groups `totals`

Filters are combined by AND; a list means any of its values; null means "has none". Dates are ISO or phrases ("last quarter", \
"2025-Q3"); an end includes its whole day, month or quarter.

Returns columns and rows, total_rows, next_cursor if there are more, the explanation with the dates meant, notes.

Examples
"""

CAPABILITIES = """\
Lists everything that query_metrics can be asked: metrics (what they count, formula, unit, by which dimensions), dimensions (what \
they mean, examples or all values; the `buckets` of a time are dimensions too), filters, limits, date phrases. Call it once \
before the first query_metrics; it needs no arguments. `search` narrows the lists to what matches some words, `detail` tells all \
of each."""


SEARCH = """\
Finds how values of a dimension are spelled: of features, products, testers, tests. Call it before filtering by a name that a \
person wrote, when you are not sure of its spelling; query_metrics compares whole values. Case, accents, spaces and punctuation do \
not matter, and similar spellings are found; where nothing is similar, the most frequent values come instead.

Returns the values, nearest first, each with its key and how often it occurs, and the filter to use in query_metrics.

Examples
How is the login feature called? {"dimension": "feature", "search": "log-in"}
Which products are there? {"dimension": "product", "limit": 20}"""

EXPLAIN = """\
Explains how query_metrics would answer a question, without answering it: the sentence, the join paths and why these, filters \
and policies, how each row counts once, what does not add up, and for callers who may see it the SQL. Use it when somebody asks \
where a number comes from. It takes the arguments of query_metrics.

Example
{"metrics": ["bugs_per_test"], "dimensions": ["feature"]}"""


def query_description(source: Source) -> str:
    """What query_metrics is for, with examples that this model can answer."""
    text = _QUERY
    for question, call in EXAMPLES:
        line = f"{question} {json.dumps(call)}\n"
        if source.fits(call) and len(text) + len(line) <= MOST:
            text += line
    return text.strip()
