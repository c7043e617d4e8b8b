"""Where the next page of an answer begins: an opaque text that the caller hands back with the same question."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Cursor:
    """Rows before `offset` were shown; `now` is when the first page was asked, so that "last month" stays the same month.

    `question` identifies the arguments that the cursor belongs to.
    """

    offset: int
    now: datetime
    question: str

    def __str__(self) -> str:
        text = json.dumps([self.offset, self.now.isoformat(), self.question], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """The cursor that was handed out as `text`; raises ValueError for any other text.

    >>> from datetime import UTC
    >>> cursor = Cursor(200, datetime(2026, 11, 3, tzinfo=UTC), "0a1b")
    >>> read_cursor(str(cursor)) == cursor
    True
    """
    try:
        offset, now, question = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(int(offset), datetime.fromisoformat(now), str(question))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{text!r} is no cursor") from error
    if cursor.offset < 0 or cursor.now.tzinfo is None:
        raise ValueError(f"{text!r} is no cursor")
    return cursor


_in_order = json.JSONEncoder(sort_keys=True, default=str).encode


def question_of(arguments: Mapping[str, Any]) -> str:
    """What identifies a question: its arguments, in whatever order they came."""
    return hashlib.sha256(_in_order(arguments).encode()).hexdigest()[:12]
