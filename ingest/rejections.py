"""Finds why a bug was rejected: the API has no field for it, only the default text of the reason in a comment."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_COMMENTS = {
    "device_not_relevant": "This device is not relevant and the bug will not be fixed.",
    "ignored_instructions": "The test instructions were not followed.",
    "intended_behavior": "The behaviour/design described here is intentional.",
    "irrelevant": "This bug is not relevant and will not be fixed.",
    "known_bug": "This is a legit bug but already known.",
    "not_reproducible": "With the information provided it was not possible to reproduce this bug.",
    "request_timeout": "Your bug was rejected automatically, because you didn't respond to the request within 24 hours",
}


def rejection_reason(comments: Iterable[str]) -> str | None:
    """The reason that the last telling comment gives; None if a person wrote words of his own.

    >>> rejection_reason(["Hello", "This is a legit bug but  already known. Sorry!"])
    'known_bug'
    """
    return next((reason for comment in reversed(list(comments)) if (reason := _reason_of(comment))), None)


@lru_cache(maxsize=1024)
def _reason_of(comment: str) -> str | None:
    """The reason that one comment gives; kept, for most rejections have a default text and nothing else."""
    plain = _plain(comment)
    return next((reason for reason, default in _PLAIN_COMMENTS.items() if default in plain), None)


def _plain(comment: str) -> str:
    return " ".join(comment.split()).replace("\u2019", "'").casefold()


_PLAIN_COMMENTS = {reason: _plain(comment) for reason, comment in DEFAULT_COMMENTS.items()}
