"""The tool `explain_query`: how a question would be answered, without answering it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import EngineError
from server.agents.payload import BUDGET, Payload, compact
from server.agents.periods import with_ranges
from server.agents.query_metrics import asked, refusal
from server.agents.schemas import explain_arguments
from server.service.keys import this_second

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.agents.source import Source

_SQL_ALONE = frozenset({"columns", "sql"})
"""What shows the tables behind the model."""


async def explain_query(source: Source, arguments: Mapping[str, Any]) -> Payload:
    """How the question would be answered; the SQL and the columns behind it for callers who may see them.

    Raises Refusal as query_metrics does.
    """
    known = tuple(explain_arguments(source)["properties"])
    call, read = asked(source, arguments, known)
    now = this_second()
    try:
        found = source.check(call, now).as_dict()
        compared = with_ranges(call, now, source.model.settings.time_zone).pop("compare", None)
        if "sql" in source.caller.scopes:
            alone = {name: value for name, value in call.items() if name != "compare"}
            statement = source.service.compile(alone, source.caller, now)
            found |= {"sql": statement.sql, "parameters": statement.parameters, "dialect": statement.dialect}
    except EngineError as error:
        raise refusal(source, error, call, read, known) from error
    notes = [*read, *found.pop("notes", [])]
    if compared:
        notes.append(
            f"Each range compared with has a statement of its own, equal but for the dates: {compact({'ranges': compared})}."
        )
    if "sql" not in source.caller.scopes:
        found = _without(found, _SQL_ALONE)
        notes.append("The SQL, and the columns behind it, are shown to callers with the scope sql.")
    return Payload.of(_fitted({**found, **({"notes": notes} if notes else {})}))


def _without(data: Any, parts: frozenset[str]) -> Any:
    """A tree of plain data without some of its keys."""
    if isinstance(data, dict):
        return {name: _without(value, parts) for name, value in data.items() if name not in parts}
    return [_without(each, parts) for each in data] if isinstance(data, list | tuple) else data


def _fitted(found: dict[str, Any]) -> dict[str, Any]:
    """The explanation, with its longest parts left out until it fits."""
    left_out = []
    while len(compact(found)) > BUDGET:
        longest = max(
            (name for name in found if name not in {"sentence", "notes"}),
            key=lambda name: len(compact({name: found[name]})),
        )
        del found[longest]
        left_out.append(longest)
    if left_out:
        found["notes"] = [*found.get("notes", ()), f"Too long to be shown: {', '.join(left_out)}."]
    return found
