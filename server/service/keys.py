"""What identifies the answer to a question, worked out once for all who ask the same within the same second."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine import query_key
from engine.query.access import hashable, seen
from engine.query.query import Query

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from engine import Model

    Question = Mapping[str, Any] | str | Query

_MOST = 4096


def this_second() -> datetime:
    """Now, to the second: "the last three hours" are the same for all who ask within it, and so is the answer."""
    return _moment(int(time.time()))


@lru_cache(maxsize=1)
def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


class Key:
    """A key that knows its hash: it is looked up many times, and holds much."""

    __slots__ = ("_hash", "_parts")

    def __init__(self, parts: Hashable) -> None:
        self._parts, self._hash = parts, hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Key) and self._hash == other._hash and self._parts == other._parts)


class Keys:
    """Keys of questions, kept for as long as it is now."""

    def __init__(self) -> None:
        self._now: datetime | None = None
        self._found: dict[Hashable, Key] = {}
        self._known: dict[Key, Key] = {}

    def of(self, question: Question, model: Model, security: Mapping[str, Any], now: datetime) -> Key:
        """The key of a question to a model, asked by someone with these security values; raises QueryError."""
        written = _written(question)
        if written is None:
            return _key(question, model, security, now)
        if now != self._now:
            self._now = now
            self._found.clear()
        asked = (type(question), written, model.digest, hashable(security))
        found = self._found.get(asked)
        if found is None:
            found = self._same(_key(question, model, security, now))
            if len(self._found) < _MOST:
                self._found[asked] = found
        return found

    def _same(self, key: Key) -> Key:
        """The object for equal keys, so that telling that they are equal takes no time."""
        if len(self._known) >= _MOST:
            self._known.clear()
        return self._known.setdefault(key, key)


def _key(question: Question, model: Model, security: Mapping[str, Any], now: datetime) -> Key:
    # Also what is told beside the numbers names members.
    hidden = seen(model, security).hidden
    return Key((model.digest, hidden, query_key(question, model, security=security, now=now)))


def _written(question: Question) -> str | None:
    """A question as a text that no other question has; None for one that has no such text.

    1, 1.0 and True are equal to Python, and written differently.
    """
    if isinstance(question, str):
        return question
    if isinstance(question, Query):
        return repr(question)
    try:
        return json.dumps(question)
    except (TypeError, ValueError, RecursionError):
        return None
