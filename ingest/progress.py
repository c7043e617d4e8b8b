"""How a sync tells what it is doing while it does it."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

Phase = Literal["products", "features", "tests", "bugs"]
PHASES: tuple[Phase, ...] = get_args(Phase)
"""In their order."""


class Progress(Protocol):
    """What a caller passes to look on; calls come from the sync's event loop and must return at once."""

    def start(self, phase: Phase, total: int | None) -> None:
        """A phase begins; `total` is how much there is to do, None if the API does not say."""

    def advance(self, phase: Phase, done: int) -> None:
        """So much more is done: products, products' features, tests or tests' bugs."""

    def finish(self, phase: Phase) -> None:
        """The phase is over."""

    def note(self, text: str) -> None:
        """Something that holds the sync up, in a sentence."""


class Silent:
    """Nobody looks on."""

    def start(self, phase: Phase, total: int | None) -> None:
        """Say nothing."""

    def advance(self, phase: Phase, done: int) -> None:
        """Say nothing."""

    def finish(self, phase: Phase) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""
