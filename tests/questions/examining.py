"""Makes calls as an agent does and holds what comes of them against the truth."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from server.agents.payload import BUDGET
from tests.questions.asking import ask, ask_all, difference, shown, truth
from tests.questions.cases import Call
from tests.questions.notes import trouble_with_notes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mcp import Client

    from tests.questions.asking import Reply
    from tests.questions.cases import Question, WrongCall

_WORKS = re.compile(r"^This call works(?P<less>, but leaves something out)?: (?P<call>\{.*\})$", re.MULTILINE)
_RELATIVE = ("ago", "last ", "this ", "today", "YTD")


@dataclass(slots=True)
class Examined:
    """What came of a question: the round trips it took, the characters that went both ways, and what is wrong."""

    trips: int = 0
    characters: int = 0
    wrong: list[str] = field(default_factory=list)


async def examine(question: Question, client: Client, alone: Path) -> Examined:
    """Make the calls of a question, the last of them page by page; `alone` is the database for its SQL."""
    found, replies = Examined(), []
    for call in question.calls:
        replies = await ask_all(client, call)
        found.trips += len(replies)
        found.characters += sum(len(json.dumps(call.arguments)) + len(reply.text) for reply in replies)
        found.wrong += _wrong_with_call(call, replies)
    if not found.wrong:
        found.wrong += _wrong_with_answer(question, replies, alone)
    return found


def _wrong_with_call(call: Call, replies: Sequence[Reply]) -> list[str]:
    refused = [f"refused: {reply.text}" for reply in replies if reply.refused]
    long = [f"{len(reply.text)} characters" for reply in replies if len(reply.text) > BUDGET]
    names = {each["name"] for kind in ("metrics", "dimensions") for each in replies[0].payload.get(kind, ())}
    return refused + long + [f"{name} is not found by {call.arguments}" for name in call.finds if name not in names]


def _wrong_with_answer(question: Question, replies: list[Reply], alone: Path) -> list[str]:
    payload = replies[0].payload
    columns, expected = truth(question.sql, alone)
    found = trouble_with_notes(replies, question.notes)
    if bool(expected) is question.empty:
        found.append(f"the SQL gives {len(expected)} rows, which shows nothing")
    if len(replies) != question.pages:
        found.append(f"{len(replies)} pages")
    absent = set(columns) - {column["name"] for column in payload["columns"]}
    found += [f"no column {name}" for name in sorted(absent)]
    if not absent:
        found.append(difference(shown(replies, columns), expected, ordered=question.ordered))
    found += [f"the explanation does not say {part!r}" for part in question.says if part not in payload["explanation"]]
    for place, sql in question.also.items():
        found.append(_wrong_at(place, payload, truth(sql, alone)[1]))
    return [each for each in (*found, *_wrong_dates(payload, question.calls[-1])) if each]


def _wrong_at(place: str, payload: dict[str, Any], expected: list[tuple[Any, ...]]) -> str:
    value: Any = payload
    for part in place.split("."):
        value = value[part]
    wrong = difference([(value,)], expected)
    return f"{place}: {wrong}" if wrong else ""


def _wrong_dates(payload: dict[str, Any], call: Call) -> list[str]:
    """Dates that were asked for have to come back as days, in data and in words."""
    asked = [str(call.arguments[name]) for name in ("start_date", "end_date") if name in call.arguments]
    if not asked:
        return []
    ranges = payload["query"].get("date_ranges", [])
    if len(ranges) != 1:
        return [f"the dates {asked} came back as {ranges}"]
    days = [ranges[0][end] for name, end in (("start_date", "from"), ("end_date", "to")) if name in call.arguments]
    wrong = [f"the explanation does not say {day}" for day in days if day not in payload["explanation"]]
    phrases = [text for text in asked if text.startswith(_RELATIVE) or text.endswith(_RELATIVE)]
    return wrong + [f"the explanation does not say {text!r}" for text in phrases if text not in payload["explanation"]]


async def examine_wrong(case: WrongCall, client: Client, alone: Path) -> Examined:
    """Make a call with a mistake and, if it is refused, the call that the refusal offers."""
    reply = await ask(client, case.call)
    found = Examined(1, len(json.dumps(case.call.arguments)) + len(reply.text))
    if reply.refused is case.answered:
        return replace(found, wrong=[f"it is {'refused' if reply.refused else 'answered'}: {reply.text}"])
    if not reply.refused:
        words = " ".join([*reply.payload["notes"], reply.payload["explanation"]])
        return replace(found, wrong=[*_untold(case, words), *_wrong_rows(case, reply, alone)])
    found.wrong += _untold(case, reply.text)
    offered, loses = _offered(reply.text)
    if offered is None:
        return replace(found, wrong=[*found.wrong, f"no call is offered: {reply.text}"])
    if loses is not case.loses:
        found.wrong.append(f"it {'says' if loses else 'does not say'} that the offered call leaves something out")
    again = await ask(client, Call(case.call.tool, offered))
    found.trips, found.characters = 2, found.characters + len(json.dumps(offered)) + len(again.text)
    found.wrong += [f"the offered call is refused: {again.text}"] if again.refused else _wrong_rows(case, again, alone)
    return found


def _untold(case: WrongCall, words: str) -> list[str]:
    return [f"{part!r} is not told in: {words}" for part in case.told if part not in words]


def _wrong_rows(case: WrongCall, reply: Reply, alone: Path) -> list[str]:
    if case.sql is None:
        return []
    columns, expected = truth(case.sql, alone)
    absent = set(columns) - {column["name"] for column in reply.payload["columns"]}
    wrong = f"no column {sorted(absent)}" if absent else difference(shown([reply], columns), expected)
    return [wrong] if wrong else []


def _offered(text: str) -> tuple[dict[str, Any] | None, bool]:
    """The call that a refusal offers, and whether it says that something is left out."""
    match = _WORKS.search(text)
    return (json.loads(match["call"]), bool(match["less"])) if match else (None, False)
