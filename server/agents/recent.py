"""The last query that each caller asked, with its SQL: for `cube://queries/last`."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import datetime

    from server.service import Caller

_MOST_CALLERS = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was asked, and the moment that its relative dates count from."""

    query: Mapping[str, Any]
    now: datetime


class Recent:
    """The last query of each caller; of many callers, the ones who asked last are remembered."""

    def __init__(self) -> None:
        self._asked: OrderedDict[Hashable, Asked] = OrderedDict()

    def note(self, caller: Caller, asked: Asked) -> None:
        """Remember what a caller has asked."""
        key = _who(caller)
        self._asked[key] = asked
        self._asked.move_to_end(key)
        if len(self._asked) > _MOST_CALLERS:
            self._asked.popitem(last=False)

    def last(self, caller: Caller) -> Asked | None:
        """What the caller asked last."""
        return self._asked.get(_who(caller))


def _who(caller: Caller) -> Hashable:
    return caller.name, caller.identity
