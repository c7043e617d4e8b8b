"""Finding what a name in a query means: a member of a cube or a view, perhaps in buckets of time, perhaps a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError, did_you_mean
from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure, Segment
from engine.query.resolved import Use
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.model.granularity import Granularity
    from engine.model.members import Path
    from engine.model.model import Cube, Member, Model, View

_WORDS = {Dimension: "dimension", Measure: "metric", Segment: "segment"}
_PLACES = {Dimension: "dimensions", Measure: "metrics", Segment: "segments"}
_MOST_OFFERED, _MOST_LISTED = 3, 40


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means; `name` is it as the query wrote it."""

    name: str
    target: Member
    view: View | None = None
    path: Path | None = None
    axis: tuple[tuple[str, Dimension], ...] = ()
    granularity: Granularity | None = None
    is_key: bool = False

    @property
    def use(self) -> Use:
        """The dimension, as the query uses it."""
        assert isinstance(self.target, Dimension)
        return Use(self.target, self.path, self.axis)


def find(model: Model, name: str, kinds: tuple[type[Member], ...], where: str) -> Found:
    """What `name` means, which has to be one of `kinds`.

    Raises QueryError with near names that are valid there.
    """
    found = model.cache.get((name, kinds))
    if found is None:
        found = _find(model, name)
        if found is None or not isinstance(found.target, kinds):
            raise QueryError(_not_found(model, name, kinds, where, found))
        model.cache[(name, kinds)] = found
    assert isinstance(found, Found)
    return found


def granularity_of(dimension: Dimension, name: str, where: str) -> Granularity:
    """The granularity `name` of a time dimension; raises QueryError if it has none."""
    if dimension.type != "time":
        message = f"{dimension.full_name} is no time, so it has no granularity."
        raise QueryError(Issue("E_GRANULARITY", message, member=where, hint="Ask for it as a plain dimension."))
    found = dimension.granularities.get(name) or PREDEFINED.get(name)
    if found is None:
        known = [*PREDEFINED, *dimension.granularities]
        candidates = near(name, known)
        hint = did_you_mean(candidates) or f"It has {', '.join(known)}."
        message = f"{dimension.full_name} has no granularity {name!r}."
        raise QueryError(Issue("E_GRANULARITY", message, member=where, hint=hint, candidates=candidates))
    if found.months and found.seconds:
        message = f"Buckets of months and days together ({name!r}) cannot be computed."
        raise QueryError(Issue("E_GRANULARITY", message, member=where, hint="Use a granularity of one kind of unit."))
    return found


def _find(model: Model, name: str) -> Found | None:
    parts = tuple(name.split("."))
    if len(parts) == 1:
        return _bare(model, name)
    found = _qualified(model, name, parts)
    if found is None and len(parts) > 2:
        inner = _qualified(model, name, parts[:-1])
        if inner is not None and isinstance(inner.target, Dimension) and inner.granularity is None:
            granularity = granularity_of(inner.target, parts[-1], name)
            found = Found(name, inner.target, inner.view, inner.path, inner.axis, granularity)
    if found is None and len(parts) == 2:
        inner = _bare(model, parts[0])
        if (
            inner is not None
            and isinstance(inner.target, Dimension)
            and inner.target.type == "time"
            and inner.granularity is None
        ):
            granularity = granularity_of(inner.target, parts[-1], name)
            found = Found(name, inner.target, inner.view, inner.path, inner.axis, granularity)
    return found


def _qualified(model: Model, name: str, parts: tuple[str, ...]) -> Found | None:
    *owners, member = parts
    if len(owners) == 1 and owners[0] in model.views:
        return _of_view(model.views[owners[0]], name, member)
    if not all(owner in model.cubes for owner in owners):
        return None
    path = tuple(owners) if len(owners) > 1 else None
    if path and model.graph.along(path) is None:
        return None
    return _of_cube(model.cubes[owners[-1]], name, member, path)


def _of_cube(cube: Cube, name: str, member: str, path: Path | None) -> Found | None:
    target = cube.member(member)
    if target is not None:
        return Found(name, target, path=path)
    key = next((d.key for d in cube.dimensions.values() if d.key is not None and f"{d.name}_id" == member), None)
    return Found(name, key, path=path, is_key=True) if key else None


def _of_view(view: View, name: str, member: str) -> Found | None:
    found = view.member(member)
    if found is None:
        return None
    granularity = None
    if found.granularity and isinstance(found.target, Dimension):
        granularity = granularity_of(found.target, found.granularity, name)
    axis = tuple((found.axis or {}).items())
    return Found(name, found.target, view, found.path, axis, granularity, found.is_key)


def _bare(model: Model, name: str) -> Found | None:
    """A name alone: a member of the default view, else the one member of that name in the whole model."""
    if model.default_view is not None:
        return _of_view(model.default_view, name, name)
    owners = [view for view in model.views.values() if view.member(name)]
    if len(owners) == 1:
        return _of_view(owners[0], name, name)
    cubes = [cube for cube in model.cubes.values() if cube.member(name)]
    return _of_cube(cubes[0], name, name, None) if len(cubes) == 1 and not owners else None


def _not_found(model: Model, name: str, kinds: tuple[type[Member], ...], where: str, found: Found | None) -> Issue:
    wanted = " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds))
    if found is not None:
        message = f"{name!r} is a {_WORDS[type(found.target)]}; a {wanted} is wanted here."
        hint = f"Name it among the {_PLACES[type(found.target)]}."
        return Issue("E_WRONG_KIND", message, member=where, hint=hint)
    owner, _, last = name.rpartition(".")
    if owner and owner.split(".")[0] not in model.owners:
        message = f"There is no cube or view {owner!r}."
        candidates = tuple(dict.fromkeys(_elsewhere(model, owner, last, kinds)))[:_MOST_OFFERED]
        hint = did_you_mean(candidates) or _listed("Cubes and views are", model.owners)
        return Issue("E_NAME_NOT_FOUND", message, member=where, hint=hint, candidates=candidates)
    message = f"There is no {wanted} {name!r}."
    candidates = _meant(model, owner, last, kinds)
    known = sorted(_members(model, owner, kinds).values())
    hint = (
        did_you_mean(candidates)
        or _of_other_kind(model, owner, last, kinds)
        or _listed("Known are", known, "; capabilities says what they are")
    )
    return Issue("E_NAME_NOT_FOUND", message, member=where, hint=hint, candidates=candidates)


def _meant(model: Model, owner: str, last: str, kinds: tuple[type[Member], ...]) -> tuple[str, ...]:
    """The names that may have been meant by `last` under an owner, or alone, where people may also say a synonym."""
    members = _members(model, owner, kinds)
    named = [members[hit] for hit in near(last, members)]
    if owner:
        return tuple(dict.fromkeys([*_alone(model, last, kinds), *named]))[:_MOST_OFFERED]
    said = _synonyms(model, kinds)
    found = [*said.get(last.replace("_", " ").lower(), ()), *named] or [
        name for hit in near(last, said) for name in said[hit]
    ]
    return tuple(dict.fromkeys(found))[:_MOST_OFFERED]


def _elsewhere(model: Model, owner: str, last: str, kinds: tuple[type[Member], ...]) -> Iterable[str]:
    """What may have been meant by a member of an owner that does not exist."""
    for each in near(owner, model.owners):
        members = _members(model, each, kinds)
        yield from (members[hit] for hit in near(last, members, most=1))
    yield from _alone(model, last, kinds)


def _alone(model: Model, name: str, kinds: tuple[type[Member], ...]) -> list[str]:
    found = _bare(model, name)
    return [name] if found is not None and isinstance(found.target, kinds) else []


def _of_other_kind(model: Model, owner: str, last: str, kinds: tuple[type[Member], ...]) -> str | None:
    for kind, word in _WORDS.items():
        meant = _meant(model, owner, last, (kind,)) if kind not in kinds else ()
        if meant:
            return f'Did you mean the {word} "{meant[0]}"? A {word} stands among the {_PLACES[kind]}.'
    return None


def _listed(start: str, names: Sequence[str], more: str = "") -> str:
    """Where to look when nothing is near: the names themselves, or, where they are too many, what lists and searches them."""
    if len(names) <= _MOST_LISTED:
        return f"{start} {', '.join(names)}{more}."
    return f"There are {len(names):,}, and nothing like it: capabilities lists them, and finds them by a word."


def _members(model: Model, owner: str, kinds: tuple[type[Member], ...]) -> dict[str, str]:
    """The members that may be named under `owner`, or alone, with the whole name of each."""
    if owner in model.views:
        members = model.views[owner].members.items()
        return {name: f"{owner}.{name}" for name, each in members if isinstance(each.target, kinds)}
    if owner in model.cubes:
        return {each.name: each.full_name for each in model.cubes[owner].members() if isinstance(each, kinds)}
    if model.default_view is not None:
        return {name: name for name, each in model.default_view.members.items() if isinstance(each.target, kinds)}
    names = [each.full_name for cube in model.cubes.values() for each in cube.members() if isinstance(each, kinds)]
    return dict(zip(names, names, strict=True))


def _synonyms(model: Model, kinds: tuple[type[Member], ...]) -> dict[str, list[str]]:
    """What people say for members of the default view, in small letters, and the names of those members."""
    found: dict[str, list[str]] = {}
    for name, each in model.default_view.members.items() if model.default_view is not None else ():
        said = each.public and not each.is_key and not each.granularity
        if said and isinstance(each.target, kinds) and isinstance(each.target, Dimension | Measure):
            for words in (*each.target.synonyms, each.title):
                found.setdefault(words.lower(), []).append(name)
    return found
