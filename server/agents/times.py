"""The times of the default view, and the names under which it shows them in buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model.members import Dimension

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine import Model
    from engine.model.members import Measure, Segment

    Target = Dimension | Measure | Segment

BUCKETS = ("year", "quarter", "month", "week", "day")
"""The usual buckets, from the longest on."""


@dataclass(frozen=True, slots=True)
class Times:
    """What the members of a view mean, and which of that is a time; `default` is the time that dates mean where none is named."""

    members: Mapping[str, Target]
    buckets: Mapping[str, tuple[Target, str]]
    default: str | None

    @classmethod
    def of(cls, model: Model) -> Times:
        """The times of the view that is asked where no other is named."""
        cached: Times | None = model.cache.get("agents: times")
        if cached is not None:
            return cached
        view = model.default_view
        public = {name: each for name, each in view.members.items() if each.public} if view is not None else {}
        found: Times = cls(
            {name: each.target for name, each in public.items()},
            {name: (each.target, each.granularity) for name, each in public.items() if each.granularity},
            view.default_time_dimension if view is not None else None,
        )
        model.cache["agents: times"] = found
        return found

    def any_of(self, names: Iterable[str]) -> str | None:
        """The first of some names that is a time, or a bucket of one."""
        return next((name for name in names if self.is_time(name)), None)

    def is_time(self, name: str) -> bool:
        """Whether a name is of a time, or of a bucket of one."""
        target = self.members.get(name)
        return isinstance(target, Dimension) and target.type == "time"

    def shown(self, time: str, granularity: str) -> dict[str, Any]:
        """The arguments that show a time in buckets, under the view's own name for them if it has one."""
        wanted = (self.members.get(time), granularity)
        name = next((name for name, bucket in self.buckets.items() if bucket == wanted), None)
        return {"dimensions": [name]} if name else {"time_dimension": time, "granularity": granularity}

    def finer(self, bucket: str) -> str | None:
        """The next shorter bucket of the same time that the view has a name for."""
        target, granularity = self.buckets.get(bucket, (None, ""))
        for shorter in BUCKETS[BUCKETS.index(granularity) + 1 :] if granularity in BUCKETS else ():
            name = next((name for name, each in self.buckets.items() if each == (target, shorter)), None)
            if name:
                return name
        return None
