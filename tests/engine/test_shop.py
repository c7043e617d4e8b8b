"""The shop on which known engines give wrong numbers: every metric by every dimension, alone and together, in any order.

Expected are numbers counted by hand; a group that a metric has no row in is None, or 0 for a count.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import engine
from tests.engine.worlds import SHOP
from tests.oracle.database import DIALECTS, Dialect

Groups = dict[Any, Any]

TOTALS = {"orders.revenue": 465, "orders.count": 6, "items.qty": 15, "returns.amount": 33, "customers.count": 5}
BY: dict[str, dict[str, Groups]] = {
    "customers.region": {
        "orders.revenue": {"EAST": 350, "WEST": 75, None: 40},
        "orders.count": {"EAST": 3, "WEST": 1, None: 2},
        "items.qty": {"EAST": 13, "WEST": 2},
        "returns.amount": {"EAST": 12, "NORTH": 15, "WEST": 5, None: 1},
        "customers.count": {"EAST": 2, "WEST": 1, "NORTH": 1, None: 1},
    },
    "orders.status": {
        "orders.revenue": {"completed": 265, "pending": 200},
        "orders.count": {"completed": 5, "pending": 1},
        "items.qty": {"completed": 9, "pending": 6},
        "customers.count": {"completed": 3, "pending": 1, None: 1},
    },
    "items.product": {
        "orders.revenue": {"A": 350, "B": 300, "C": 100, None: 115},
        "orders.count": {"A": 3, "B": 2, "C": 1, None: 3},
        "items.qty": {"A": 7, "B": 3, "C": 3, None: 2},
        "customers.count": {"A": 2, "B": 2, "C": 1, None: 3},
    },
}
PAIRS: dict[tuple[str, str], dict[str, Groups]] = {
    ("customers.region", "orders.status"): {
        "orders.revenue": {
            ("EAST", "completed"): 150, ("EAST", "pending"): 200, ("WEST", "completed"): 75, (None, "completed"): 40,
        },
        "items.qty": {("EAST", "completed"): 7, ("EAST", "pending"): 6, ("WEST", "completed"): 2},
        "customers.count": {
            ("EAST", "completed"): 1, ("EAST", "pending"): 1, ("WEST", "completed"): 1, ("NORTH", None): 1, (None, "completed"): 1,
        },
    },
    ("orders.status", "items.product"): {
        "orders.revenue": {
            ("completed", "A"): 150, ("completed", "B"): 100, ("completed", "C"): 100, ("completed", None): 115,
            ("pending", "A"): 200, ("pending", "B"): 200,
        },
        "items.qty": {
            ("completed", "A"): 2, ("completed", "B"): 2, ("completed", "C"): 3, ("completed", None): 2,
            ("pending", "A"): 5, ("pending", "B"): 1,
        },
    },
    ("customers.region", "items.product"): {
        "orders.count": {
            ("EAST", "A"): 3, ("EAST", "B"): 2, ("EAST", "C"): 1, ("WEST", None): 1, (None, None): 2,
        },
        "customers.count": {
            ("EAST", "A"): 2, ("EAST", "B"): 2, ("EAST", "C"): 1, ("WEST", None): 1, ("NORTH", None): 1, (None, None): 1,
        },
    },
}  # fmt: skip
COUNTS = {"orders.count", "customers.count"}


def groups(dialect: Dialect, measures: tuple[str, ...], dimensions: tuple[str, ...]) -> dict[str, Groups]:
    """The answer by measure and group."""
    rows = SHOP.ask({"measures": list(measures), "dimensions": list(dimensions)}, dialect)
    width = len(dimensions)
    found: dict[str, Groups] = {measure: {} for measure in measures}
    for row in rows:
        key = row[0] if width == 1 else row[:width]
        for measure, value in zip(measures, row[width:], strict=True):
            assert key not in found[measure]
            found[measure][key] = value
    return found


def with_missing(expected: dict[str, Groups], measures: tuple[str, ...]) -> dict[str, Groups]:
    """What is expected of metrics that are asked together: each has all groups that one of them has."""
    every = {group for measure in measures for group in expected[measure]}
    return {m: {group: expected[m].get(group, 0 if m in COUNTS else None) for group in every} for m in measures}


def cases() -> list[tuple[tuple[str, ...], tuple[str, ...], dict[str, Groups]]]:
    asked: list[tuple[tuple[str, ...], dict[str, Groups]]] = [((dimension,), known) for dimension, known in BY.items()]
    asked += list(PAIRS.items())
    found = []
    for dimensions, known in asked:
        choices = [choice for size in (1, 2) for choice in itertools.permutations(known, size)]
        choices += [tuple(known), tuple(reversed(list(known)))]
        found += [(dimensions, measures, with_missing(known, measures)) for measures in dict.fromkeys(choices)]
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("dimensions", "measures", "expected"), cases())
def test_a_metric_is_what_it_is_whatever_is_asked_beside_it(
    dialect: Dialect, dimensions: tuple[str, ...], measures: tuple[str, ...], expected: dict[str, Groups]
) -> None:
    assert groups(dialect, measures, dimensions) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_order_of_dimensions_changes_nothing(dialect: Dialect) -> None:
    for (first, second), known in PAIRS.items():
        turned = groups(dialect, tuple(known), (second, first))
        expected = with_missing(known, tuple(known))
        assert turned == {m: {(b, a): value for (a, b), value in those.items()} for m, those in expected.items()}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("measures", [*itertools.permutations(TOTALS, 2), tuple(TOTALS)], ids="-".join)
def test_totals_are_of_rows_and_not_of_joins(dialect: Dialect, measures: tuple[str, ...]) -> None:
    [row] = SHOP.ask({"measures": list(measures)}, dialect)
    assert row == tuple(TOTALS[measure] for measure in measures)


@pytest.mark.parametrize("dimension", ["orders.status", "items.product"])
def test_what_can_be_attributed_to_nothing_is_refused_with_the_reason_and_with_what_can(dimension: str) -> None:
    with pytest.raises(engine.QueryError) as caught:
        SHOP.compile({"measures": ["returns.amount", "orders.revenue"], "dimensions": [dimension]})
    [issue] = caught.value.issues
    assert issue.code == "E_NO_PATH"
    assert issue.member == dimension
    assert "customers" in issue.message
    assert "customers.region" in issue.candidates
    assert not {"orders.status", "items.product"} & set(issue.candidates)
