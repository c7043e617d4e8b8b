"""Counts what an operator wants to watch, through OpenTelemetry's API: free until an SDK is set up, then exported by it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING

from opentelemetry import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGRITY_FILLS = "repository.integrity_fills"
INTEGRITY_FILL_FAILURES = "repository.integrity_fill_failures"
API_CALLS_SAVED = "background_sync.api_calls_saved"
BUG_REFRESH_FAILURES = "analytics.bug_refresh_failures"
FEATURE_REFRESH_FAILURES = "analytics.feature_refresh_failures"
BUG_REFRESHES = "analytics.bug_refreshes"
FEATURE_REFRESHES = "analytics.feature_refreshes"

_COUNTED: Counter[str] = Counter()
_SYNC: ContextVar[Counter[str] | None] = ContextVar("counted by this sync", default=None)


def count(name: str, amount: int = 1, **tags: str) -> None:
    """Add to a counter; tags tell apart what is counted, such as the type of entity."""
    if amount:
        _COUNTED[name] += amount
        if (of_sync := _SYNC.get()) is not None:
            of_sync[name] += amount
        _instrument(name).add(amount, tags)


def counted() -> dict[str, int]:
    """What this process has counted so far, by name."""
    return dict(_COUNTED)


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """What is counted while the block runs, by what it calls and the tasks that it begins."""
    found: Counter[str] = Counter()
    before = _SYNC.set(found)
    try:
        yield found
    finally:
        _SYNC.reset(before)


@cache
def _instrument(name: str) -> metrics.Counter:
    return metrics.get_meter("metric_cube.ingest").create_counter(name)
