"""Filter values: from what a caller sent to what a database compares with, or a refusal that says what is valid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.errors import Issue, QueryError, did_you_mean
from engine.spelling import near

if TYPE_CHECKING:
    from engine.model.members import Dimension

_BOOLEANS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}

MOST_WHOLE = 2**63 - 1
"""The largest whole number that databases and their drivers keep as one."""

_MOST_QUOTED = 80


def typed_value(dimension: Dimension, value: Any, where: str, name: str) -> Any:
    """`value` as the dimension's type, None staying None; `name` is what the asker calls the dimension.

    Raises QueryError if it cannot be one, or if the dimension is an enumeration that does not know it.
    """
    if value is None:
        return None
    if dimension.type == "number":
        return number_of(value, name, where)
    if dimension.type == "boolean":
        return _boolean(value, name, where)
    if isinstance(value, dict | list | tuple):
        raise QueryError(Issue("E_VALUE", f"A value of {name} is a text, not {value!r}.", member=where))
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return _enumerated(dimension, text, where, name) if dimension.values else text


def number_of(value: Any, name: str, where: str) -> int | float:
    """A number, also from its text; raises QueryError for anything else.

    A whole number that no database keeps as one is compared as a real one.
    """
    number = _number(int(value) if isinstance(value, bool) else value)
    if number is None:
        raise QueryError(Issue("E_VALUE", f"{name} is a number; {shortened(value)} is none.", member=where))
    return number


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                return None
    if isinstance(value, int) and not -MOST_WHOLE - 1 <= value <= MOST_WHOLE:
        try:
            value = float(value)
        except OverflowError:
            return None
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def shortened(value: Any) -> str:
    """A value as a message quotes it, without the middle of a long one."""
    try:
        text = repr(value)
    except ValueError:  # Python does not write whole numbers of thousands of digits.
        return "a number of thousands of digits"
    return text if len(text) <= _MOST_QUOTED else f"{text[: _MOST_QUOTED - 10]}…{text[-9:]}"


def like_pattern(value: Any, prefix: str, suffix: str) -> str:
    """A pattern for LIKE … ESCAPE '!' that finds `value` as it stands.

    >>> like_pattern("50%", "%", "%")
    '%50!%%'
    """
    text = str(value)
    for letter in ("!", "%", "_"):
        text = text.replace(letter, "!" + letter)
    return prefix + text + suffix


def _boolean(value: Any, name: str, where: str) -> bool:
    found = _BOOLEANS.get(str(value).strip().lower())
    if found is None:
        raise QueryError(Issue("E_VALUE", f"{name} is true or false; {value!r} is neither.", member=where))
    return found


def _enumerated(dimension: Dimension, text: str, where: str, name: str) -> str:
    for known in dimension.values:
        if text == known.value:
            return text
    plain = text.strip().lower()
    spellings = {
        spelling.lower(): known.value for known in dimension.values for spelling in (*known.aliases, known.value)
    }
    if plain in spellings:
        return spellings[plain]
    valid = [known.value for known in dimension.values]
    candidates = tuple(dict.fromkeys(spellings[hit] for hit in near(plain, spellings)))
    hint = f"{did_you_mean(candidates) or ''} It is one of {', '.join(valid)}.".strip()
    message = f"{name} has no value {text!r}."
    raise QueryError(Issue("E_VALUE_UNKNOWN", message, member=where, hint=hint, candidates=candidates or tuple(valid)))
