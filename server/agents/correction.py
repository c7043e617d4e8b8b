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
from engine.spelling import near
from server.agents.leniency import CERTAIN
from server.agents.repairs import REPAIRS, Call, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.agents.source import Source

_ROUNDS = 6
_NAMING = ("metrics", "dimensions", "granularity")
_DATES = ("start_date", "end_date")

ALIASES = {**CERTAIN, "by": "dimensions", "order": "sort_order", "top": "limit", "page": "cursor"}
"""What callers write for an argument, and what it is called here."""


def corrected(arguments: Mapping[str, Any], known: Iterable[str], source: Source) -> Call | None:
    """The call nearest to `arguments` that can be answered, or None if no repair is known."""
    call = renamed(arguments, tuple(known))
    for _ in range(_ROUNDS):
        try:
            source.check(call)
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


_NO_ROWS = (0, "0")
"""As a limit, what asks for nothing; it is refused, so no call that works has it."""


def asks_less(call: Mapping[str, Any], arguments: Mapping[str, Any], known: Iterable[str]) -> bool:
    """Whether a corrected call leaves out something that the caller asked, or has an example in its place."""
    before = renamed(arguments, tuple(known))
    dates = [call.get(name) for name in _DATES]
    return (
        len(arguments.keys() - {"cursor"}) > len(before)
        or _named(call) < _named(before)
        or any(before.get(name) not in (None, *dates) for name in _DATES)
        or ("granularity" in before and not _is_near(before["granularity"], call.get("granularity")))
        or any(_less(name, value, call) for name, value in before.items() if name not in (*_NAMING, *_DATES))
    )


def _named(call: Mapping[str, Any]) -> int:
    """How many metrics and groups a call names, wherever it names them."""
    listed = [call.get(name) or [] for name in ("metrics", "dimensions")]
    return sum(len(each) if isinstance(each, list) else 1 for each in listed) + bool(call.get("granularity"))


def _less(name: str, value: Any, call: Mapping[str, Any]) -> bool:
    if name not in call:
        return True
    if isinstance(value, list | dict):
        return len(call[name]) < len(value)
    return name == "sort_by" and not _is_near(value, call[name])


def _is_near(value: Any, other: Any) -> bool:
    return value == other or bool(near(str(value), [str(other)]))


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
    if call.get("limit") in _NO_ROWS:
        del call["limit"]
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
