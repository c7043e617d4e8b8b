"""Does the condition of a join agree with the relationship that it declares? A wrong one makes wrong numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.members import Join
    from engine.model.model import Cube, Model


def relationship_issues(model: Model, cube: Cube) -> Iterator[Issue]:
    """A warning for each join of a cube that its condition contradicts, going by the primary keys."""
    for join in cube.joins.values():
        target = model.cubes.get(join.target)
        if target is not None and (found := _contradiction(join, cube, target)) is not None:
            message = f"{join.source!r} joins {join.target!r} as {join.relationship}, but {found[0]}"
            yield Issue("W_RELATIONSHIP", message, place=join.place, hint=found[1], severity="warning")


def _contradiction(join: Join, source: Cube, target: Cube) -> tuple[str, str] | None:
    """What speaks against a relationship, and what is probably meant."""
    paths = join.condition.paths
    if not join.condition.text:
        return None  # The condition is wrong itself.
    if (join.source, join.target) not in paths:
        return (
            f"its condition names nothing of {target.name!r}: each row meets all of them.",
            f"Compare with a column of it, as in {{CUBE}}.{target.name}_id = {{{target.name}.id}}.",
        )
    if join.keys is None:
        return None
    ours, theirs = set(source.key_columns), set(target.key_columns)
    from_one = bool(ours) and ours <= {own for own, _ in join.keys}
    to_one = bool(theirs) and theirs <= {their for _, their in join.keys}
    if join.relationship == "many_to_one" and from_one and not to_one:
        return (
            f"its condition holds the primary key of {source.name!r}: a row of {target.name!r} has at most one partner.",
            "It is one_to_many, or one_to_one if a row has one partner at most.",
        )
    if join.relationship == "one_to_many" and to_one and not from_one:
        return (
            f"its condition holds the primary key of {target.name!r}: a row of {source.name!r} has at most one partner.",
            "It is many_to_one, or one_to_one if no two rows share one.",
        )
    return None
