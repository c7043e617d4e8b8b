"""Makes Python look for garbage less often while many records pass through."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW_OBJECTS = 20_000
"""A page of bugs is some ten thousand objects, none of them in a cycle: with 700 a sixth of a sync went into looking."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """While the block runs, collect only after so many new objects; for the whole process, restored at the end."""
    before = gc.get_threshold()
    if before[0]:  # 0 stands for never
        gc.set_threshold(max(before[0], NEW_OBJECTS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
