"""Faults on demand: which calls of the simulator fail, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

FaultKind = Literal[
    "429", "429-date", "500", "502", "503", "524", "hang", "broken-json", "not-an-object", "truncated", "dropped"
]
"""An error status, no answer, or a body that is not what it should be."""

MIXED: tuple[FaultKind, ...] = (
    "429",
    "429-date",
    "500",
    "502",
    "503",
    "broken-json",
    "not-an-object",
    "truncated",
    "dropped",
)
"""The faults that pass when the call is made again."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as a fault rule sees it: route template, parameters of path and query, times made before."""

    route: str
    parameters: dict[str, str]
    earlier: int


FaultRule = Callable[[Call], FaultKind | None]
"""Decides about one call; None lets it pass."""


@dataclass(slots=True)
class Faults:
    """The rules in force; the first that names a fault decides."""

    rules: list[FaultRule] = field(default_factory=list)
    retry_after_seconds: int = 0
    hang_seconds: float = 5.0
    _made: dict[str, int] = field(default_factory=dict)

    def decide(self, route: str, parameters: dict[str, str]) -> FaultKind | None:
        """The fault that this call meets, if any."""
        key = f"{route} {sorted(parameters.items())}"
        earlier = self._made.get(key, 0)
        self._made[key] = earlier + 1
        call = Call(route, parameters, earlier)
        return next((fault for rule in self.rules if (fault := rule(call))), None)


def first_times(route: str, kind: FaultKind, times: int = 1) -> FaultRule:
    """The first calls of each address under the route fail, `times` of them."""
    return lambda call: kind if call.route == route and call.earlier < times else None


def always(route: str, kind: FaultKind, **parameters: str) -> FaultRule:
    """Every call of the route with these parameters fails."""
    return lambda call: kind if call.route == route and parameters.items() <= call.parameters.items() else None


def large_bug_batches(most: int) -> FaultRule:
    """A call for the bugs of more than `most` tests runs into the gateway's time-out."""

    def rule(call: Call) -> FaultKind | None:
        tests = call.parameters.get("filter_test_cycle_ids", "")
        return "524" if call.route == "bugs" and tests.count(",") >= most else None

    return rule


def bad_position(product_id: int, position: int) -> FaultRule:
    """Every page of the product's tests that holds this position (from 0) fails with 500."""

    def rule(call: Call) -> FaultKind | None:
        if call.route != "products/{product}/exploratory_tests" or call.parameters["product"] != str(product_id):
            return None
        size = int(call.parameters.get("per_page", "25"))
        first = (int(call.parameters.get("page", "1")) - 1) * size
        return "500" if first <= position < first + size else None

    return rule


def random_faults(seed: int, share: float, kinds: tuple[FaultKind, ...] = MIXED, most: int = 3) -> FaultRule:
    """A share of all calls fails, one address at most `most` times running, so that asking again helps."""
    random = Random(seed)  # noqa: S311 (data, not secrets)

    def rule(call: Call) -> FaultKind | None:
        return random.choice(kinds) if random.random() < share and call.earlier % (most + 1) < most else None

    return rule
