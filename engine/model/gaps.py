"""What of a model could not be read or built: a mistake that may only follow from that is not told beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Lost:
    """The names of a cube or view under which nothing stands because what was meant is wrong itself.

    >>> "tester_id" in Lost(frozenset({"tester"})), "severity" in Lost(frozenset({"tester"}))
    (True, False)
    """

    names: frozenset[str] = frozenset()
    everything: bool = False

    def __contains__(self, name: str) -> bool:
        return self.everything or name in self.names or name.removesuffix("_id") in self.names


@dataclass(frozen=True, slots=True)
class Gaps:
    """`unread`: a file, or part of one, could not be read. `unjoined`: a join leads to no cube, so paths may be missing.

    `keyed` are the cubes that declare a primary key, be it wrongly; `lost` are the names that are missing of each cube and view.
    """

    unread: bool = False
    unjoined: bool = False
    keyed: frozenset[str] = frozenset()
    lost: Mapping[str, Lost] = field(default_factory=dict)

    def of(self, owner: str) -> Lost:
        """What is lost of the cube or view `owner`."""
        return self.lost.get(owner, Lost(everything=self.unread))
