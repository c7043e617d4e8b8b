"""What this process has counted, by name alone: tests compare it before and after."""

from __future__ import annotations

from ingest import counters


def counted() -> dict[str, int]:
    """The sums over all values of the tags."""
    return {name: sum(by_tags.values()) for name, by_tags in counters.counted().items()}
