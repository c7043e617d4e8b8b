"""An answer as agents get it: one compact object, the same in text and as structured content, within a budget of characters.

Hosts cut or drop what is too long, and differ in which of the two channels they show, so each holds all of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

BUDGET = 24_000
"""Characters of one answer in one channel; a host that forwards both stays below 50,000."""


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def compact(data: Any) -> str:
    """The text of plain data, without a space too many."""
    return _write(data)


@dataclass(frozen=True, slots=True)
class Payload:
    """What a call is answered with: plain data, which nobody changes, and the same as text."""

    data: dict[str, Any]
    text: str

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """The payload of some data."""
        return cls(data, compact(data))

    @classmethod
    def read(cls, written: bytes) -> Self:
        """The payload of a text that is written already."""
        return cls(*_read(written))

    def extended(self, tail: Mapping[str, Any]) -> Self:
        """The payload with other keys behind its own.

        >>> Payload.read(b'{"rows":[]}').extended({"query_time_ms": 0.2}).text
        '{"rows":[],"query_time_ms":0.2}'
        """
        return type(self)({**self.data, **tail}, f"{self.text[:-1]},{compact(tail)[1:]}")


@lru_cache(maxsize=64)
def _read(written: bytes) -> tuple[dict[str, Any], str]:
    """The data of a text, and the text: of those that are handed out again and again, read once."""
    text = written.decode()
    return json.loads(text), text
