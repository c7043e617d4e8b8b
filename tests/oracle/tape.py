"""A tape of bytes from which random things are read: one draw of Hypothesis, however much it decides.

A draw for each decision would cost more than all the rest of a test. A zero byte always stands for the simplest choice,
and parts of fixed length keep what a byte decides where it is while others change, so that a failing case shrinks well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Tape:
    """Reads choices from bytes, zeros after their end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def __repr__(self) -> str:
        return f"Tape({self._content.rstrip(bytes(1)).hex()})"

    def part(self, length: int) -> Tape:
        """The next bytes as a tape of their own."""
        start, self._at = self._at, self._at + length
        return Tape(self._content[start : self._at])

    def one_of(self, choices: Sequence[T]) -> T:
        """One of several things; the first is the simplest."""
        byte = self.part(1)._content or b"\0"
        return choices[byte[0] % len(choices)]

    def once_in(self, times: int) -> bool:
        """Whether a thing happens that happens once in so many times."""
        return self.one_of(range(times)) == times - 1

    def some_of(self, choices: Sequence[T], most: int) -> list[T]:
        """None, one or several different ones of several things."""
        wanted = self.one_of(range(most + 1))
        return list(dict.fromkeys(self.one_of(choices) for _ in range(wanted))) if choices else []
