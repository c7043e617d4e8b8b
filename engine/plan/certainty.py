"""Which joined rows a filter makes certain: there an outer join keeps nothing that the filter would not remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.query.resolved import Comparison, Junction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.members import Path
    from engine.query.resolved import Predicate, SegmentUse, Use


def certain_paths(where: Iterable[Predicate], places: Mapping[Use | SegmentUse, Path], home: str) -> frozenset[Path]:
    """The instances without which no row passes `where`, with all that lie on the way to them."""
    certain: set[Path] = set()
    for predicate in where:
        for path in _rejecting(predicate, places, home):
            certain |= {path[:length] for length in range(2, len(path) + 1)}
    return frozenset(certain)


def _rejecting(predicate: Predicate, places: Mapping[Use | SegmentUse, Path], home: str) -> set[Path]:
    """The instances whose absence, every column null, makes a predicate untrue."""
    if isinstance(predicate, Junction):
        parts = [_rejecting(part, places, home) for part in predicate.parts]
        if not parts:
            return set()
        return set.union(*parts) if predicate.kind == "and" else set.intersection(*parts)
    if not isinstance(predicate, Comparison) or not rejects_null(predicate):
        return set()
    sql = predicate.use.at(home).sql
    place = places[predicate.use]
    # The value of a missing row is null, whatever its expression. A bare column may lie further on than its member's owner.
    return {(*place, *sql.paths[0][1:])} if sql.is_column and len(sql.paths) == 1 else {place}


def rejects_null(comparison: Comparison) -> bool:
    """Whether a comparison is untrue of null."""
    if comparison.kind == "set":
        return not comparison.null
    if comparison.negative:
        return comparison.kind == "in" and comparison.null
    return not comparison.null
