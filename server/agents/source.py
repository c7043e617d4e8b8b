"""What the tools answer from: a service, and whose rows may be seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine import QueryError, query_key
from engine.model.members import Dimension, Measure, Segment
from engine.query.access import seen
from server.agents.periods import with_ranges
from server.agents.recent import Recent
from server.service.keys import this_second

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine import Explanation, Model
    from server.service import Caller, Service

    Member = type[Dimension | Measure | Segment]


@dataclass(frozen=True, slots=True)
class Source:
    """A service, and the caller whose rows and members the tools see of it.

    `watch` is told in a few words what a call waits for; `recent` remembers what was asked last.
    """

    service: Service
    caller: Caller
    watch: Callable[[str], None] | None = None
    recent: Recent = field(default_factory=Recent)

    @property
    def model(self) -> Model:
        """The model as it is now."""
        return self.service.model

    @property
    def seen(self) -> Model:
        """The model as the caller sees it: the same object as long as neither the model nor what they may see changes."""
        return seen(self.model, self.caller.security)

    @property
    def security(self) -> Mapping[str, Any]:
        """What access policies go by."""
        return self.caller.security

    def watched(self, watch: Callable[[str], None]) -> Source:
        """The same, with someone who is told what is waited for."""
        return replace(self, watch=watch)

    def metrics(self) -> list[str]:
        """The names of the metrics that can be asked for, as a query writes them."""
        return self._names(Measure)

    def dimensions(self) -> list[str]:
        """The names of the dimensions that can be asked for, as a query writes them."""
        return self._names(Dimension)

    def segments(self) -> list[str]:
        """The names of the segments that a query may be limited to."""
        return self._names(Segment)

    def check(self, query: Mapping[str, Any], now: datetime | None = None) -> Explanation:
        """How a query would be answered; raises QueryError if it, or any of the ranges that it compares, cannot be."""
        now = now or this_second()
        asked = with_ranges(query, now, self.model.settings.time_zone)
        if asked.get("compare"):
            query_key(asked, self.model, security=self.security, now=now)
        return self.service.explain(asked, self.caller, now)

    def fits(self, query: Mapping[str, Any]) -> bool:
        """Whether a query can be answered from this model; that no security value is set does not count against it."""
        try:
            self.check(query)
        except QueryError as error:
            return all(issue.code == "E_SECURITY_VALUE" for issue in error.issues)
        return True

    def _names(self, kind: Member) -> list[str]:
        model = self.seen
        view = model.default_view
        if view is not None:
            return [name for name, each in view.members.items() if isinstance(each.target, kind) and each.public]
        views = [
            f"{view.name}.{name}"
            for view in model.views.values()
            for name, each in view.members.items()
            if isinstance(each.target, kind) and each.public and view.public
        ]
        cubes = [
            each.full_name
            for cube in model.cubes.values()
            for each in cube.members()
            if isinstance(each, kind) and each.public and cube.public
        ]
        return [*views, *cubes]
