"""An explanation as text, for a terminal.

Tests by feature, …

test_count (tests)                         does not add up: …
  count(tests), of tests.*; joins repeat the tests; each counts once a group, by its id

Rows of tests
  feature      tests → test_features → features   through test features: …
               from features.title
  filters      severity critical
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.plan.explanation import Explanation, FactExplanation, LeafExplanation, MeasureExplanation


def outline(explanation: Explanation) -> str:
    """The text of an explanation; its lines are as long as their content."""
    parts = ["\n".join(_part(explanation)) for _part in (_sentence, _measures, _facts, _pre_aggregations, _notes)]
    return "\n\n".join(part for part in parts if part)


def _sentence(explanation: Explanation) -> Iterator[str]:
    yield explanation.sentence


def _measures(explanation: Explanation) -> Iterator[str]:
    leaves = {leaf.name: leaf for leaf in explanation.leaves}
    for index, measure in enumerate(explanation.measures):
        if index:
            yield ""
        yield from _measure(measure, leaves)


def _measure(measure: MeasureExplanation, leaves: dict[str, LeafExplanation]) -> Iterator[str]:
    unit = f" ({measure.unit})" if measure.unit else ""
    yield f"{measure.name}{unit} = {measure.formula}"
    yield f"  {'rows do not add up: ' + measure.why_not_additive if measure.why_not_additive else 'rows add up'}"
    for name in measure.leaves:
        leaf = leaves.get(name)
        if leaf is not None:
            yield from _leaf(leaf, alone=measure.leaves == (measure.name,))


def _leaf(leaf: LeafExplanation, *, alone: bool) -> Iterator[str]:
    yield f"  {'' if alone else f'{leaf.name}: '}{leaf.aggregate} over {leaf.home}, {leaf.counted}"
    yield f"    from {', '.join(leaf.columns)}"
    for condition in leaf.filters:
        yield f"    where {condition}"
    if leaf.time:
        yield f"    time: {leaf.time}"


def _facts(explanation: Explanation) -> Iterator[str]:
    for index, fact in enumerate(explanation.facts):
        if index:
            yield ""
        yield from _fact(fact)


def _fact(fact: FactExplanation) -> Iterator[str]:
    yield f"Rows of {fact.home}{', for ' if fact.leaves else ''}{', '.join(fact.leaves)}"
    for reading in fact.readings:
        of = f" ({', '.join(reading.columns)})" if reading.columns else ""
        yield f"  {reading.used} {reading.member}{of}"
        yield f"    {reading.path}: {reading.why}"
    lists = (
        ("filters", fact.filters),
        ("by default", fact.default_filters),
        ("only looked up (a row needs one, none repeats it)", fact.only_looked_up),
        ("limited to what you may see", fact.policies),
    )
    for title, items in lists:
        if items:
            yield f"  {title}: {', '.join(items)}"


def _pre_aggregations(explanation: Explanation) -> Iterator[str]:
    for each in explanation.pre_aggregations:
        could = "could be read" if each.matches else "could not be read"
        yield f"Pre-aggregation {each.name} {could} in place of rows of {each.home}"
        yield from (f"  {reason}" for reason in each.why_not)


def _notes(explanation: Explanation) -> Iterator[str]:
    for note in explanation.notes:
        yield f"- {note}"
