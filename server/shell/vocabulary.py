"""What completion offers behind what has been typed: names of the model, keywords, commands and their values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import available_timezones

from engine import capabilities
from engine.query.access import seen
from server.shell.commands import COMMANDS
from server.shell.short import CLAUSES
from server.shell.statements import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine import Model

_KEYWORDS: Final = (
    *("SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET"),
    *("AND", "OR", "NOT", "IN", "IS NULL", "LIKE", "BETWEEN", "AS", "DESC", "ASC"),
    *("MEASURE(", "DATE_TRUNC(", "CURRENT_DATE"),
)
_SQL_CLAUSE: Final = re.compile(r"\b(select|from|where|group\s+by|having|order\s+by|limit)\b", re.IGNORECASE)
_SHORT_CLAUSE: Final = re.compile(rf"(?<![\w'\"])({'|'.join(CLAUSES)})(?![\w'\"])", re.IGNORECASE)
_VALUE: Final = re.compile(
    r"(\w+)\s*(?:=|!=|<>|\bin\b\s*\(?(?:[^()]*,)?|\bnot\s+in\b\s*\(?)\s*'?([\w-]*)\Z", re.IGNORECASE
)
DATES: Final = (
    *("today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter"),
    *("this year", "last year", "last 7 days", "last 30 days", "last 3 months", "last 12 months"),
    *("month to date", "year to date"),
)
"""Of the forms of dates those that are asked for most."""
_DATES: Final = re.compile(r".*\b(?:during|from|to)\s+([\w -]*)\Z", re.IGNORECASE | re.DOTALL)
_WORD: Final = re.compile(r"[\w.\\/?]*\Z")


class Offer(NamedTuple):
    """A text that takes the place of the last `replaces` letters, and what it is."""

    text: str
    replaces: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of a model as its asker sees them, each with what it is; `values` are those of enumerations."""

    metrics: Mapping[str, str]
    dimensions: Mapping[str, str]
    values: Mapping[str, Sequence[str]]
    views: Mapping[str, str]
    cubes: Mapping[str, str]
    units: Sequence[str]

    def offers(self, text: str) -> Iterator[Offer]:
        """What may stand where a text ends."""
        _, rest = parts_of(text)
        if rest.startswith("\\"):
            name, space, rest = rest.partition(" ")
            if not space:
                yield from _starting({each: command.help for each, command in COMMANDS.items()}, name)
                return
            yield from self._of_command(name, rest)
            return
        yield from self._of_question(rest)

    def _of_command(self, name: str, rest: str) -> Iterator[Offer]:
        word = _last_word(rest)
        if name in {"\\e", "\\sql"}:
            yield from self._of_question(rest)
        elif name == "\\d":
            yield from _starting({**self.metrics, **self.dimensions}, word)
        elif name == "\\dv":
            yield from _starting(self.views, word)
        elif name in {"\\chart", "\\timing"}:
            yield from _starting({"on": "", "off": ""}, word)
        elif name in {"\\set", "\\unset"} and " " not in rest:
            yield from _starting({"timezone": "where days begin"}, word)
        elif name == "\\set":
            yield from _starting(dict.fromkeys(sorted(available_timezones()), ""), word)

    def _of_question(self, text: str) -> Iterator[Offer]:
        value = _VALUE.search(text)
        if value is not None and value[1] in self.values:
            yield from _starting(dict.fromkeys(self.values[value[1]], ""), value[2])
            return
        word = _last_word(text)
        before = text[: len(text) - len(word)]
        if re.match(r"\s*\(?\s*select\b", text, re.IGNORECASE):
            yield from self._of_sql(before, word)
            return
        if dates := _DATES.search(text):
            offers = list(_starting(dict.fromkeys(DATES, ""), dates[1]))
            yield from offers
            if offers:
                return
        yield from self._in_short(before, word)

    def _of_sql(self, before: str, word: str) -> Iterator[Offer]:
        clauses = _SQL_CLAUSE.findall(before)
        clause = clauses[-1].lower().split()[0] if clauses else ""
        if re.search(r"\bmeasure\(\s*\Z", before, re.IGNORECASE):
            yield from _starting(self.metrics, word)
            return
        if clause == "from" and re.search(r"\bfrom\s+\Z", before, re.IGNORECASE):
            yield from _starting({**self.views, **self.cubes}, word)
            return
        if clause != "limit":
            yield from _starting(self.dimensions, word)
            yield from _starting({f"MEASURE({name})": what for name, what in self.metrics.items()}, word)
            if word:
                yield from _starting(self.metrics, word)
        yield from _starting(dict.fromkeys(_KEYWORDS, ""), word)

    def _in_short(self, before: str, word: str) -> Iterator[Offer]:
        clauses = _SHORT_CLAUSE.findall(before)
        clause = clauses[-1].lower() if clauses else ""
        said = before.rstrip(" \t\n-")
        named = bool(said) and not said.endswith(",") and not (clause and said.lower().endswith(clause))
        if clause == "" and not named:
            yield from _starting(self.metrics, word)
            if not before.strip():
                yield from _starting({"SELECT": "a question in SQL"}, word)
        elif clause == "per" and not named:
            yield from _starting(dict.fromkeys(self.units, ""), word)
        elif clause in {"by", "on"} and not named:
            yield from _starting(self.dimensions, word)
        elif clause == "where" and (not named or said.lower().endswith(" and")):
            yield from _starting({**self.dimensions, **self.metrics}, word)
        elif clause == "sort" and not named:
            yield from _starting({**self.metrics, **self.dimensions}, word)
        else:
            yield from _starting(dict.fromkeys((*CLAUSES, "and"), ""), word)


def vocabulary_of(model: Model, security: Mapping[str, Any]) -> Vocabulary:
    """The names that somebody with these security values may ask for."""
    found = capabilities(model, detail=True, security=security)
    visible = seen(model, security)
    dimensions = found.get("dimensions", ())
    values = {each["name"]: [value["value"] for value in each.get("values", ())] for each in dimensions}
    return Vocabulary(
        {each["name"]: _first(each) for each in found.get("metrics", ())},
        {each["name"]: _first(each) for each in dimensions},
        {name: [str(value) for value in each] for name, each in values.items() if each},
        {each.name: (each.description or "").partition(". ")[0] for each in visible.views.values() if each.public},
        {each.name: "cube" for each in visible.cubes.values() if each.public},
        found.get("dates", {}).get("granularities", ()),
    )


def _first(member: Mapping[str, Any]) -> str:
    return str(member.get("description", "")).partition(". ")[0].rstrip(".")


def _starting(texts: Mapping[str, str], word: str) -> Iterable[Offer]:
    begin = word.lower()
    return [
        Offer(text, len(word), what) for text, what in texts.items() if text.lower().startswith(begin) and text != word
    ]


def _last_word(text: str) -> str:
    match = _WORD.search(text)
    return match[0] if match is not None else ""
