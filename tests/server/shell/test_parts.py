"""How the shell reads what is typed: parts of a text, and questions in short."""

from __future__ import annotations

from typing import Any

import pytest

from server.shell.short import parse_short
from server.shell.statements import Part, is_whole, parts_of


@pytest.mark.parametrize(
    ("text", "parts", "rest"),
    [
        ("", [], ""),
        ("bug_count", [], "bug_count"),
        ("bug_count;", ["bug_count"], ""),
        ("a;b;\nc", ["a", "b"], "c"),
        (";;", [], ""),
        ("\\d", [], "\\d"),
        ("\\d\n", ["\\d"], ""),
        ("help\n", ["help"], ""),
        ("bug_count;\nQUIT;\n", ["bug_count", "QUIT;"], ""),
        ("help me;", ["help me"], ""),
        ("\\o a;b.csv\na;", ["\\o a;b.csv", "a"], ""),
        ("a where b = 'x;y';", ["a where b = 'x;y'"], ""),
        ("a where b = 'it''s; so';", ["a where b = 'it''s; so'"], ""),
        ("a where b = Don't; c;", ["a where b = Don't", "c"], ""),
        ("SELECT 1 -- no; end\n;", ["SELECT 1 -- no; end"], ""),
        ("SELECT /* ; */ 1;", ["SELECT /* ; */ 1"], ""),
        ("-- only a comment;\n", [], "-- only a comment;\n"),
        ("a where b = 'open;", [], "a where b = 'open;"),
        ("a /* open;", [], "a /* open;"),
    ],
)
def test_a_text_is_cut_where_its_parts_end(text: str, parts: list[str], rest: str) -> None:
    found, left = parts_of(text)
    assert ([part.text for part in found], left) == (parts, rest)


def test_a_part_knows_its_line() -> None:
    parts, _ = parts_of("\n\na\nby b;\n\n\\d\nc;")
    assert parts == [Part("a\nby b", 3), Part("\\d", 6), Part("c", 7)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("", True),
        ("\\d", True),
        ("a;", True),
        ("a", False),
        ("a;\nb", False),
        ("a where b = ';", False),
        ("  \\e a", True),
    ],
)
def test_enter_runs_what_is_whole(text: str, whole: bool) -> None:
    assert is_whole(text) is whole


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("bug_count", {"metrics": ["bug_count"]}),
        ("bug_count, bugs_per_test", {"metrics": ["bug_count", "bugs_per_test"]}),
        ("by severity", {"dimensions": ["severity"]}),
        ("bug_count BY a, b PER month", {"metrics": ["bug_count"], "dimensions": ["a", "b"], "granularity": "month"}),
        (
            'm where a = "x and y" and b is null AND c in 1, 2',
            {
                "metrics": ["m"],
                "filters": [
                    {"member": "a", "operator": "equals", "values": ["x and y"]},
                    {"member": "b", "operator": "notSet"},
                    {"member": "c", "operator": "equals", "values": ["1", "2"]},
                ],
            },
        ),
        (
            'm where a = "made by hand" during last quarter on reported_at',
            {
                "metrics": ["m"],
                "filters": [{"member": "a", "operator": "equals", "values": ["made by hand"]}],
                "date_range": "last quarter",
                "time_dimension": "reported_at",
            },
        ),
        ("m from 2026-01 to 'today'", {"metrics": ["m"], "start_date": "2026-01", "end_date": "today"}),
        (
            "m limit 5 offset 10 sort -m fill total totals",
            {
                "metrics": ["m"],
                "limit": 5,
                "offset": 10,
                "sort_by": "m",
                "sort_order": "desc",
                "fill": True,
                "total": True,
                "totals": True,
            },
        ),
        ("m\nby a\nsort m", {"metrics": ["m"], "dimensions": ["a"], "sort_by": "m", "sort_order": "asc"}),
    ],
)
def test_a_question_in_short_is_a_query(text: str, query: dict[str, Any]) -> None:
    assert parse_short(text) == query


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bug_count severity", "no list of names"),
        ("a,,b", "no list of names"),
        ("a by", "has to follow 'by'"),
        ("a by b by c", "'by' stands here twice"),
        ("a limit many", "takes a whole number"),
        ("a limit ²", "takes a whole number"),
        ("a fill 3", "Nothing can follow 'fill'"),
        ("a where b", "no filter"),
        ("a where b = 1 and", "no filter"),
        ("bug_count by month last 3 months", "'during': … month during last 3 months"),
        ("bug_count 2025-11", "bug_count during 2025-11"),
    ],
)
def test_what_is_wrong_in_short_is_said(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_short(text)
