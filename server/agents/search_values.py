"""The tool `search_values`: how the values of a dimension are spelled, found from how somebody spelled one.

    "log-in"  ->  Login, Login with SSO

The values come by queries of the dimension, so that policies hold for them as for every answer.
"""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING, Any

from engine import EngineError, QueryError
from engine.errors import did_you_mean
from engine.model.members import Dimension
from engine.query.names import find
from engine.spelling import near
from server.agents.additions import addable
from server.agents.correction import right_name
from server.agents.payload import BUDGET, Payload, compact
from server.agents.schemas import search_arguments
from server.agents.tool import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.agents.source import Source

_SIMILAR = 0.6
_SHORTEST_PART = 3
_MOST, _USUAL = 50, 10
_MOST_NEAR, _MOST_UNKNOWN = 3, 5
_TO_SEARCH = "search_values tells those that there are."


async def search_values(source: Source, arguments: Mapping[str, Any]) -> Payload:
    """The values nearest to how one may be written, each with its key and how often it occurs; without one, the most frequent.

    Raises Refusal with what is wrong and a call that works.
    """
    call = _checked(source, {name: value for name, value in arguments.items() if value is not None})
    name, search, limit = call["dimension"], str(call.get("search", "")).strip(), call.get("limit", _USUAL)
    try:
        values, total = await _values(source, name, search)
        match, chosen = _matching(search, values, _aliases(source, name))
        metric = call.get("metric") or _usual_metric(source, name)
        columns, rows = await _counted(source, name, metric, chosen, limit)
    except EngineError as error:
        raise Refusal("\n".join(f"{issue.message} {issue.hint or ''}".strip() for issue in error.issues)) from error
    notes = []
    if match == "none":
        notes.append(
            f"Nothing is spelled like {search!r}. These are the most frequent values: use one of their spellings."
        )
    elif match == "similar":
        notes.append(f"Nothing is spelled {search!r}; these are similar.")
    if len(chosen) > len(rows) and chosen:
        notes.append(f"{len(rows)} of {len(chosen)} matches are shown.")
    place = [column["name"] for column in columns].index(name)
    texts = list(dict.fromkeys(row[place] for row in rows))
    found = {
        "dimension": name,
        "match": match,
        "columns": columns,
        "rows": rows,
        "total_values": total,
        "notes": notes,
        "filter": {name: texts[0] if match == "exact" else texts} if texts and match not in {"none", "all"} else None,
    }
    payload = {part: value for part, value in found.items() if value is not None}
    while len(compact(payload)) > BUDGET and payload["rows"]:
        payload["rows"] = payload["rows"][:-1]
    return Payload.of(payload)


async def unknown_values(source: Source, filters: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to say of texts in filters (as an answer tells them) that are no value of their dimension, with those that are near."""
    told: list[str] = []
    for condition in filters:
        name, texts = condition.get("member", ""), condition.get("values", ())
        if condition.get("operator") != "equals" or name not in source.dimensions() or not _is_searchable(source, name):
            continue
        for text in (each for each in texts if isinstance(each, str)):
            if len(told) == _MOST_UNKNOWN:
                return [*told, "So may be other values that are asked for."]
            values, _ = await _values(source, name, text)
            match, chosen = _matching(text, values, _aliases(source, name))
            if text not in values:
                near_ones = did_you_mean(chosen[:_MOST_NEAR]) if match != "none" else None
                told.append(f"{text!r} is not among the values of {name}. {near_ones or _TO_SEARCH}")
    return told


def _checked(source: Source, arguments: dict[str, Any]) -> dict[str, Any]:
    schema = search_arguments(source)
    known, names = tuple(schema["properties"]), source.dimensions()
    call, lines, is_other = dict(arguments), [], False
    for name in arguments:
        if name not in known:
            right = {"query": "search", "text": "search", "value": "search"}.get(name) or right_name(name, known)
            lines.append(f"There is no argument {name!r}." + (f" Did you mean {right!r}?" if right else ""))
            value = call.pop(name)
            if right is not None:
                call.setdefault(right, value)
    searchable = [each for each in names if _is_searchable(source, each)]
    dimension = call.get("dimension")
    if not isinstance(dimension, str) or dimension not in searchable:
        lines.append(_no_dimension(dimension, names))
        meant = near(str(dimension), searchable, most=1)
        is_other = not meant
        call["dimension"] = next(iter([*meant, *searchable]), dimension)
    limit = call.get("limit", _USUAL)
    if isinstance(limit, str) and limit.isdecimal():
        limit = call["limit"] = int(limit)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= _MOST:
        lines.append(f"limit is a whole number from 1 to {_MOST}.")
        call["limit"] = _USUAL
    if "metric" in call and call["metric"] not in source.metrics():
        metric = call.pop("metric")
        meant = near(str(metric), source.metrics())
        lines.append(f"There is no metric {metric!r}." + (f" Did you mean {meant[0]!r}?" if meant else ""))
        call |= {"metric": meant[0]} if meant else {}
    if not isinstance(call.get("search", ""), str):
        lines.append("search is a text.")
        call["search"] = str(call["search"])
    if lines:
        works = (
            f"\nThis call works{', but asks for another dimension' * is_other}: {compact(call)}" if searchable else ""
        )
        raise Refusal("\n".join(lines) + works)
    return call


def _no_dimension(written: Any, names: Sequence[str]) -> str:
    if written is None:
        return "Name the dimension whose values are searched."
    if written in names:
        return f"The values of {written!r} are times or numbers: limit them by start_date and end_date, or by a filter."
    return f"There is no dimension {written!r}. Dimensions are {', '.join(names[:40])}."


def _is_searchable(source: Source, name: str) -> bool:
    found = find(source.seen, name, (Dimension,), "dimension")
    return (
        isinstance(found.target, Dimension) and found.target.type in {"string", "boolean"} and found.granularity is None
    )


async def _values(source: Source, name: str, search: str) -> tuple[list[str], int | None]:
    """The values that a search may mean, and how many there are in all; of too many, those that hold a part of what is searched."""
    most = source.model.settings.limits.rows
    query: dict[str, Any] = {"dimensions": [name], "limit": most, "total": True}
    answered = await source.service.answer(query, source.caller, watch=source.watch)
    result = answered.result
    total = result.total_rows if result.total_rows is not None else len(result.rows)
    parts = [part for part in search.split() if len(part) >= _SHORTEST_PART] or [search]
    if total > most and search:
        narrowed = {**query, "filters": {name: {"operator": "contains", "values": parts}}}
        result = (await source.service.answer(narrowed, source.caller, watch=source.watch)).result
    place = [column.member for column in result.columns].index(name)
    return list(dict.fromkeys(str(row[place]) for row in result.rows if row[place] is not None)), total


def _aliases(source: Source, name: str) -> dict[str, str]:
    """Other spellings that the model knows, with the value that each means."""
    target = find(source.seen, name, (Dimension,), "dimension").target
    assert isinstance(target, Dimension)
    return {alias: known.value for known in target.values for alias in known.aliases}


def _matching(search: str, values: Sequence[str], aliases: Mapping[str, str]) -> tuple[str, list[str]]:
    """How what is searched matches, and the values that do, nearest first.

    >>> _matching("log in", ["Logout", "Login", "Login by SSO"], {})
    ('exact', ['Login', 'Login by SSO'])
    """
    wanted = _plain(search)
    if not search:
        return "all", []
    plain = {value: _plain(value) for value in values}
    exact = [value for value in values if plain[value] == wanted]
    exact += [
        value for alias, value in aliases.items() if _plain(alias) == wanted and value not in exact and value in plain
    ]
    holding = [value for value in values if wanted and wanted in plain[value] and value not in exact]
    holding.sort(key=lambda value: (not plain[value].startswith(wanted), len(value)))
    if exact:
        return "exact", [*exact, *holding]
    parts = [_plain(part) for part in search.split()]
    holding += [
        value for value in values if value not in holding and all(part in plain[value] for part in parts if part)
    ]
    if holding and wanted:
        return "contains", holding
    scores = {value: difflib.SequenceMatcher(None, wanted, plain[value]).ratio() for value in values}
    similar = sorted((value for value in values if scores[value] >= _SIMILAR), key=lambda value: -scores[value])
    return ("similar", similar) if similar else ("none", [])


def _plain(text: str) -> str:
    """A text without case, accents, spaces and punctuation.

    >>> _plain("Log-In É")
    'logine'
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _usual_metric(source: Source, name: str) -> str | None:
    """The metric to count by: the first that rows add up of."""
    fitting = addable(source, {"dimensions": [name]}).get("metrics", [])
    return next((metric for metric in fitting if source.fits({"metrics": [metric], "dimensions": [name]})), None)


async def _counted(
    source: Source, name: str, metric: str | None, chosen: Sequence[str], limit: int
) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """The chosen values with their keys and counts, in the order chosen; of none, the most frequent."""
    query: dict[str, Any] = {"dimensions": [name], "limit": source.model.settings.limits.rows if chosen else limit}
    if chosen:
        query["filters"] = {name: list(chosen[:limit])}
    if metric is not None:
        query["metrics"] = [metric]
    try:
        result = (await source.service.answer(query, source.caller, watch=source.watch)).result
    except QueryError:
        if metric is None:
            raise
        return await _counted(source, name, None, chosen, limit)
    columns = [
        {part: value for part, value in (("name", column.member), ("unit", column.unit)) if value}
        for column in result.columns
    ]
    place = [column["name"] for column in columns].index(name)
    if not chosen:
        return columns, [list(row) for row in result.rows]
    rows = [list(row) for value in chosen[:limit] for row in result.rows if row[place] == value]
    counted = {row[place] for row in rows}
    bare: list[Any] = [None] * len(columns)
    missing = [[*bare[:place], value, *bare[place + 1 :]] for value in chosen[:limit] if value not in counted]
    for row in missing:
        row[-1] = 0 if result.columns[-1].additive else row[-1]
    order = {value: index for index, value in enumerate(chosen)}
    return columns, sorted([*rows, *missing], key=lambda row: order[row[place]])
