"""Tables of TOML read strictly: each property is known, of its kind, and there if it must be; all mistakes are told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import Issue
from engine.errors import did_you_mean
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Kind(NamedTuple):
    """A kind of value: how it is called in a message, and what tells it."""

    name: str
    fits: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


TEXT = Kind("a text", _is_text)
TEXTS = Kind("a list of texts", _is_texts)
TEXT_OR_TEXTS = Kind("a text or a list of texts", lambda value: _is_text(value) or (_is_texts(value) and bool(value)))
POSITIVE = Kind("a number above 0", _is_positive)
WHOLE = Kind("a whole number above 0", lambda value: _is_positive(value) and isinstance(value, int))
NOT_NEGATIVE = Kind("a number, 0 or more", lambda value: value == 0 or _is_positive(value))
TABLE = Kind("a table", lambda value: isinstance(value, dict))
TABLES = Kind(
    "a list of tables", lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value)
)
ANY = Kind("a value", lambda _value: True)


class Property(NamedTuple):
    """A property of a table."""

    kind: Kind
    is_required: bool = False


@dataclass(slots=True)
class Reader:
    """Reads the tables of one file and collects what is wrong with them as issues."""

    file: str
    code: str
    issues: list[Issue] = field(default_factory=list)

    def wrong(self, where: str, message: str, hint: str | None = None, candidates: tuple[str, ...] = ()) -> None:
        """Note a mistake. Values are never shown: one may be a token that stands where none should."""
        place = f"{self.file}, {where}" if where else self.file
        self.issues.append(Issue(self.code, f"{place}: {message}", hint=hint, candidates=candidates))

    def table(self, found: Mapping[str, Any], where: str, properties: Mapping[str, Property]) -> dict[str, Any]:
        """The properties of a table that are as they should be."""
        for name in found:
            if name not in properties:
                candidates = near(name, properties)
                hint = did_you_mean(candidates) or f"There are: {', '.join(properties)}."
                self.wrong(where, f'there is no property "{name}".', hint, candidates)
        good = {}
        for name, (kind, is_required) in properties.items():
            if name not in found:
                if is_required:
                    self.wrong(where, f"{name} is missing.", f"Give {kind.name}.")
            elif kind.fits(found[name]):
                good[name] = found[name]
            else:
                self.wrong(where, f"{name} is not {kind.name}.")
        return good

    def one_of(self, found: Mapping[str, Any], where: str, names: tuple[str, ...]) -> str | None:
        """Which one of several properties that exclude each other is there."""
        given = [name for name in names if name in found]
        if len(given) == 1:
            return given[0]
        choice = f"{', '.join(names[:-1])} or {names[-1]}"
        self.wrong(
            where, f"{'nothing' if not given else 'more than one'} of {choice} is given.", f"Give one of {choice}."
        )
        return None
