"""Where a mistake stands in the flat form: resolved queries name their parts as Cube's form does."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import Issue
    from engine.query.query import Query

_TIME = re.compile(r"timeDimensions\[\d+\](?:\.(\w+)(\[[01]\])?)?\Z")
_PARTS = {None: "time_dimension", "dimension": "time_dimension", "granularity": "granularity"}
_ENDS = {"[0]": "start_date", "[1]": "end_date", None: "end_date"}
_NAMES = {"order": "sort_by", "joinHints": "join_hints", "timeDimensions": "compare"}


def in_flat_form(issue: Issue, query: Query) -> Issue:
    """The issue at the place where the asker of a flat query wrote what it is about."""
    return replace(issue, member=_place(issue.member, query)) if issue.member else issue


def _place(member: str, query: Query) -> str:
    match = _TIME.match(member)
    if match is None:
        head, bracket, rest = member.partition("[")
        return "metrics" + bracket + rest if head == "measures" else _NAMES.get(member, member)
    if match[1] in _PARTS:
        return _PARTS[match[1]]
    span = query.time_dimensions[0].date_range
    return _ENDS[match[2]] if span is not None and span.kind == "ends" else "date_range"
