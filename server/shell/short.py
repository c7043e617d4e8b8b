"""Questions in short: `bug_count, rejection_rate by feature where severity = critical during last quarter limit 10`.

    METRIC, …  [per UNIT]  [by DIMENSION, …]  [where FILTER and …]  [during DATES | from DATE] [to DATE]  [on TIME]
               [sort [-]NAME]  [limit N]  [offset N]  [fill]  [total]  [totals]

The clauses may stand in any order. A value that holds one of these words stands in quotes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from server.terminal.filters import parse_filter

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM: Final = "bug_count by severity where product = Shop during last month sort -bug_count limit 10"

CLAUSES: Final = (
    "by",
    "per",
    "where",
    "during",
    "from",
    "to",
    "on",
    "sort",
    "limit",
    "offset",
    "fill",
    "total",
    "totals",
)
_FLAGS: Final = frozenset({"fill", "total", "totals"})
_TEXTS: Final = {
    "per": "granularity",
    "during": "date_range",
    "from": "start_date",
    "to": "end_date",
    "on": "time_dimension",
}
_WORD: Final = re.compile(r"""(?<!\w)"[^"]*"|(?<!\w)'[^']*'|[^\s"']+|["']""")
_DATES: Final = re.compile(
    r"\s+(?:(?:last|past|previous|this|current|next)\s+\w|today\b|yesterday\b|[0-9]{4}\b)", re.IGNORECASE
)
"""How dates begin that people put behind a name."""
_AND: Final = re.compile(r"""("[^"]*"|'[^']*')|\s+and(?=\s|\Z)""", re.IGNORECASE)


def parse_short(text: str) -> dict[str, Any]:
    """A question in short as a query of the flat form; raises ValueError with what is wrong in it.

    >>> parse_short("bug_count by severity, month where severity in high, low and bug_count > 5 sort -bug_count limit 3"
    ... )  # doctest: +NORMALIZE_WHITESPACE
    {'metrics': ['bug_count'], 'dimensions': ['severity', 'month'],
     'filters': [{'member': 'severity', 'operator': 'equals', 'values': ['high', 'low']},
                 {'member': 'bug_count', 'operator': '>', 'values': ['5']}],
     'sort_by': 'bug_count', 'sort_order': 'desc', 'limit': 3}
    """
    query: dict[str, Any] = {}
    for name, value in _clauses(text):
        for key, read in _read(name, value):
            if key in query:
                raise ValueError(f"{name!r} stands here twice.")
            query[key] = read
    return query


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Each clause and what follows it; the one of the metrics, in front, has no name."""
    name, start = "", 0
    for word in _WORD.finditer(text):
        if word[0].lower() in CLAUSES:
            yield name, text[start : word.start()].strip()
            name, start = word[0].lower(), word.end()
    yield name, text[start:].strip()


def _read(name: str, value: str) -> Iterator[tuple[str, Any]]:
    if name in _FLAGS:
        if value:
            raise ValueError(f"Nothing can follow {name!r}, but {value!r} does.")
        yield name, True
        return
    if not value:
        if name:
            raise ValueError(f"Something has to follow {name!r}.")
        return
    if name in ("", "by"):
        yield ("dimensions" if name else "metrics"), _names(value)
    elif name == "where":
        yield "filters", [parse_filter(each) for each in _conditions(value)]
    elif name == "sort":
        yield "sort_by", value.removeprefix("-").strip()
        yield "sort_order", "desc" if value.startswith("-") else "asc"
    elif name in ("limit", "offset"):
        yield name, _count(name, value)
    else:
        yield _TEXTS[name], value.strip("'\"")


def _names(value: str) -> list[str]:
    names = [name.strip() for name in value.split(",")]
    for name in names:
        if dates := _DATES.search(name):
            inside = f"{name[: dates.start()]} during {name[dates.start() :].strip()}"
            raise ValueError(f"Dates stand behind 'during': … {inside.strip()}")
        if not name or re.search(r"\s", name):
            raise ValueError(f"{value!r} is no list of names with commas between. A question in short: {FORM}")
    return names


def _conditions(value: str) -> list[str]:
    """The filters between the ANDs; one inside quotes is part of a value."""
    found, start = [], 0
    for match in _AND.finditer(value):
        if match[1] is None:
            found.append(value[start : match.start()])
            start = match.end()
    return [*found, value[start:]]


def _count(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError(f"{name!r} takes a whole number, and {value!r} is none.")
    return int(value)
