"""From a call that was refused to the nearest one that works: an error that ends in a call to copy saves an agent a guess.

    {"metric": "bug_cnt"}  ->  {"metrics": ["bug_count"]}

Each issue says where it is and what would be valid there. Its repair is a function in a table; what it makes is tried, and only a
call that compiles is offered.
"""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from engine import QueryError
from engine.errors import near
from server.agents.repairs import REPAIRS, Call, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.agents.source import Source

_ROUNDS = 6

ALIASES = {
    "metric": "metrics",
    "measure": "metrics",
    "measures": "metrics",
    "dimension": "dimensions",
    "group_by": "dimensions",
    "groupby": "dimensions",
    "by": "dimensions",
    "filter": "filters",
    "where": "filters",
    "order_by": "sort_by",
    "sort": "sort_by",
    "order": "sort_order",
    "from": "start_date",
    "since": "start_date",
    "to": "end_date",
    "until": "end_date",
    "top": "limit",
    "max_rows": "limit",
    "time_zone": "timezone",
    "tz": "timezone",
    "grain": "granularity",
    "time_grain": "granularity",
    "page": "cursor",
}
"""What callers write for an argument, and what it is called here."""


def corrected(arguments: Mapping[str, Any], known: Iterable[str], source: Source) -> Call | None:
    """The call nearest to `arguments` that can be answered, or None if no repair is known."""
    call = renamed(arguments, tuple(known))
    for _ in range(_ROUNDS):
        try:
            source.service.explain(call, source.caller)
        except QueryError as error:
            before = copy.deepcopy(call)
            # From the last to the first: a repair that takes a name out moves those behind it.
            for issue in reversed(error.issues):
                repair = REPAIRS.get(issue.code)
                if repair is not None:
                    repair(Case(call, issue, source))
            call = {name: value for name, value in call.items() if value not in (None, [], {}, "")}
            if call == before:
                return None
        else:
            return call
    return None


def asks_less(call: Mapping[str, Any], arguments: Mapping[str, Any], known: Iterable[str]) -> bool:
    """Whether a corrected call leaves out something that the caller asked."""
    before = renamed(arguments, tuple(known))
    return len(arguments.keys() - {"cursor"}) > len(before) or any(
        name not in call or (isinstance(value, list | dict) and len(call[name]) < len(value))
        for name, value in before.items()
    )


def renamed(arguments: Mapping[str, Any], known: tuple[str, ...]) -> Call:
    """The arguments under their right names, without a cursor; those that resemble nothing are left out."""
    plain = {name: _parsed(value) for name, value in arguments.items()}
    call: Call = {name: value for name, value in plain.items() if name in known}
    for name, value in plain.items():
        right = right_name(name, known)
        if name == "date_range" and isinstance(value, str):
            call.setdefault("start_date", value)
            call.setdefault("end_date", value)
        elif name not in known and right is not None and right not in call:
            call[right] = value
    call.pop("cursor", None)
    return call


def right_name(name: str, known: tuple[str, ...]) -> str | None:
    """What an argument is called that was called `name`; None if nothing is near."""
    alias = ALIASES.get(name.lower())
    return alias if alias in known else next(iter(near(name, known)), None)


def _parsed(value: Any) -> Any:
    """A copy of an argument; a list or object that came as a text of JSON is one."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        with suppress(ValueError):
            return json.loads(value)
    return copy.deepcopy(value)
