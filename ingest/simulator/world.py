"""A simulated customer's data, in the shapes that the API answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WorldSize:
    """How much data there is: numbers of products, tests and bugs, and days of history."""

    products: int = 4
    tests: int = 200
    bugs: int = 3000
    days: int = 730


@dataclass(slots=True)
class World:
    """What the simulated service holds at this moment; whoever changes it plays the customer.

    `features` and `tests` are keyed by product id, `bugs` by test id. A catalogue feature carries `section_ids`, which
    the server uses and does not send.
    """

    products: list[Json] = field(default_factory=list)
    features: dict[int, list[Json]] = field(default_factory=dict)
    tests: dict[int, list[Json]] = field(default_factory=dict)
    bugs: dict[int, list[Json]] = field(default_factory=dict)

    def test(self, test_id: int) -> Json | None:
        """The test of this id, of whatever product."""
        return next((test for tests in self.tests.values() for test in tests if test["id"] == test_id), None)

    def all_tests(self) -> list[Json]:
        """Every test of every product."""
        return [test for tests in self.tests.values() for test in tests]

    def all_bugs(self) -> list[Json]:
        """Every bug of every test."""
        return [bug for bugs in self.bugs.values() for bug in bugs]

    def sort_tests(self) -> None:
        """Put the newest test first in each product, as the API lists them; a test without an end is newest."""
        for tests in self.tests.values():
            tests.sort(key=_newest_first, reverse=True)


def _newest_first(test: Json) -> tuple[datetime, int]:
    end = datetime.fromisoformat(test["end_at"]) if test["end_at"] else NEVER
    return end, test["id"]
