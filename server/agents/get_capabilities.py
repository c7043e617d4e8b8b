"""The tool `get_analytics_capabilities`: what can be asked, in one call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from engine import EngineError
from engine.brevity import size
from engine.model.members import Dimension
from engine.query.names import find
from server.agents.correction import right_name
from server.agents.payload import BUDGET, Payload, compact
from server.agents.schemas import capabilities_arguments
from server.agents.tool import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.agents.source import Source
    from server.service import Answered, Service

_PATIENCE = 1.0
"""Seconds that this answer waits for what the data say; what comes later is there at the next call."""

_MOST_ASKED = 16
_LONGEST_EXAMPLE = 40
_ROOM = 6_000
"""Bytes that an answer without detail may have, with what the data add to it."""

_under_way: dict[asyncio.Task[Answered], Service] = {}
"""What is still being counted, and for which service."""


async def stop_counting(service: Service) -> None:
    """Stop what is still being counted for a service that is about to be closed."""
    tasks = [task for task, owner in _under_way.items() if owner is service]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


async def get_capabilities(source: Source, arguments: Mapping[str, Any]) -> Payload:
    """What can be asked, with what the data say: how many values dimensions have, what dates there are, how fresh it is."""
    known = tuple(capabilities_arguments()["properties"])
    for name in arguments:
        if name not in known:
            right = right_name(name, known)
            offer = f"Did you mean {right!r}?" if right else "It needs none:"
            raise Refusal(
                f"There is no argument {name!r}. {offer} Arguments are {', '.join(known)}.\nThis call works: {{}}"
            )
    search, detail = arguments.get("search"), arguments.get("detail") or False
    if not isinstance(search, str | None) or not isinstance(detail, bool):
        raise Refusal('search is a text and detail is true or false.\nThis call works: {"search": "acceptance"}')
    found = source.service.capabilities(source.caller, search=search, detail=detail)
    if len(compact(found)) > BUDGET:
        found = source.service.capabilities(source.caller, search=search)
        found["note"] = (
            f"All details are too long for one answer. {found.get('note', 'Search for a word to see them.')}"
        )
    room = BUDGET if detail or search else max(_ROOM, size(found))
    return Payload.of(await _with_data(source, found, room))


async def _with_data(source: Source, found: dict[str, Any], room: int) -> dict[str, Any]:
    """The capabilities with what the data say, as far as it is known in time and fits."""
    listed = [each for each in found.get("dimensions", []) if _is_open(source, each)][:_MOST_ASKED]
    questions = {each["name"]: {"dimensions": [each["name"]], "limit": 1, "total": True} for each in listed}
    default = found.get("dates", {}).get("default")
    if default is not None:
        bucket = {"time_dimension": default, "granularity": "day", "sort_by": f"{default}.day", "limit": 1}
        questions |= {"first day": {**bucket, "sort_order": "asc"}, "last day": {**bucket, "sort_order": "desc"}}
    answers = await _answers(source, questions)
    freshness: dict[str, Any] = {}
    for answered in answers.values():
        freshness |= {name: state["as_of"] for name, state in answered.result.account.freshness.items()}
    told = {**found, "dimensions": [_counted(each, answers.get(each["name"])) for each in found.get("dimensions", [])]}
    days = [_only(answers.get(name)) for name in ("first day", "last day")]
    if all(days):
        told["dates"] = {**found["dates"], "data": days}
    if freshness:
        told["freshness"] = _declared(source, freshness)
    return _fitting(told, room)


def _declared(source: Source, freshness: Mapping[str, Any]) -> dict[str, Any]:
    """The freshness of the cubes that say how fresh they have to be; others are read together with these."""
    cubes = source.seen.cubes
    named = {name: as_of for name, as_of in freshness.items() if name in cubes and cubes[name].freshness is not None}
    return named or dict(freshness)


def _fitting(told: dict[str, Any], room: int) -> dict[str, Any]:
    """The same in `room` bytes: without as many examples as it takes, the longest first, and then without the last counts."""
    dimensions = [dict(each) for each in told["dimensions"]]
    examples = sorted((each for each in dimensions if "example" in each), key=lambda each: -len(str(each["example"])))
    counted = [each for each in reversed(dimensions) if "count" in each]
    fitting = {**told, "dimensions": dimensions}
    for part, spare in (("example", examples), ("count", counted)):
        for each in spare:
            if size(fitting) <= room:
                return fitting
            del each[part]
    return fitting


async def _answers(source: Source, questions: Mapping[str, Mapping[str, Any]]) -> dict[str, Answered]:
    """The answers that come in time; the others go on, and are kept for the next who asks."""
    tasks = {
        name: asyncio.create_task(source.service.answer(question, source.caller, refresh=False))
        for name, question in questions.items()
    }
    if not tasks:
        return {}
    for task in tasks.values():
        _under_way[task] = source.service
        task.add_done_callback(_landed)
    await asyncio.wait(tasks.values(), timeout=_PATIENCE)
    landed = {name: task for name, task in tasks.items() if task.done() and not task.cancelled()}
    return {name: task.result() for name, task in landed.items() if task.exception() is None}


def _landed(task: asyncio.Task[Answered]) -> None:
    _under_way.pop(task, None)
    if not task.cancelled() and not isinstance(task.exception(), EngineError | None):
        task.get_loop().call_exception_handler(
            {"message": "a count of values has failed", "exception": task.exception()}
        )


def _is_open(source: Source, listed: Mapping[str, Any]) -> bool:
    """Whether a dimension is a text whose values the model does not list."""
    if listed.get("values"):
        return False
    found = find(source.seen, listed["name"], (Dimension,), "dimension")
    return isinstance(found.target, Dimension) and found.target.type == "string"


def _counted(listed: dict[str, Any], answered: Answered | None) -> dict[str, Any]:
    if answered is None:
        return listed
    result = answered.result
    count = result.total_rows if result.total_rows is not None else len(result.rows)
    place = [column.member for column in result.columns].index(listed["name"])
    example = next((row[place] for row in result.rows if row[place]), None)
    shown = isinstance(example, str) and len(example) <= _LONGEST_EXAMPLE
    return {**listed, **({"example": example} if shown else {}), "count": count}


def _only(answered: Answered | None) -> str | None:
    """The day in an answer of one row."""
    rows = answered.result.rows if answered is not None else ()
    return str(rows[0][0])[:10] if rows and rows[0][0] is not None else None
