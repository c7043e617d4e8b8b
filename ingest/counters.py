"""Counts what an operator wants to watch: in this process, for whoever asks, and through OpenTelemetry's API.

The latter is free until an SDK is set up, and then exported by it.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from opentelemetry import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGRITY_FILLS = "repository.integrity_fills"
INTEGRITY_FILL_FAILURES = "repository.integrity_fill_failures"
MISSED_TESTS = "sync.missed_tests"
API_CALLS_SAVED = "background_sync.api_calls_saved"
BUG_REFRESH_FAILURES = "analytics.bug_refresh_failures"
FEATURE_REFRESH_FAILURES = "analytics.feature_refresh_failures"
BUG_REFRESHES = "analytics.bug_refreshes"
FEATURE_REFRESHES = "analytics.feature_refreshes"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a counter counts, in words, and the names of the tags that tell it apart."""

    text: str
    tags: tuple[str, ...] = ()


_FILLED = ("entity_type", "operation")

COUNTERS = {
    INTEGRITY_FILLS: Kind(
        "Features that were missing when a test or bug named them, and were fetched or made.", _FILLED
    ),
    INTEGRITY_FILL_FAILURES: Kind(
        "Features that were missing and could not be fetched, or that nothing describes.", _FILLED
    ),
    MISSED_TESTS: Kind("Tests that earlier syncs had not met, found by checking the lists of tests."),
    API_CALLS_SAVED: Kind("Calls for bugs that background syncs left to the queries that read them."),
    BUG_REFRESHES: Kind("Tests whose bugs were read again because a query read them."),
    BUG_REFRESH_FAILURES: Kind("Tests whose bugs could not be read when a query wanted them."),
    FEATURE_REFRESHES: Kind("Products whose features were read again because a query read them."),
    FEATURE_REFRESH_FAILURES: Kind("Products whose features could not be read when a query wanted them."),
}

_COUNTED: dict[str, Counter[tuple[str, ...]]] = {
    name: Counter() if kind.tags else Counter({(): 0}) for name, kind in COUNTERS.items()
}
_SYNC: ContextVar[Counter[str] | None] = ContextVar("counted by this sync", default=None)


def count(name: str, amount: int = 1, **tags: str) -> None:
    """Add to a counter, with a value for each of its tags."""
    if amount:
        _COUNTED[name][tuple(tags[tag] for tag in COUNTERS[name].tags)] += amount
        if (of_sync := _SYNC.get()) is not None:
            of_sync[name] += amount
        _instrument(name).add(amount, tags)


def counted() -> dict[str, dict[tuple[str, ...], int]]:
    """What this process has counted so far, by name and by the values of the tags.

    A counter without tags is there also when it stands at 0.
    """
    return {name: dict(found) for name, found in _COUNTED.items()}


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
