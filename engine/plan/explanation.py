"""How a query is answered, for a person: homes, join paths and why these, what counts once, what does not add up, and lineage.

Explanation
├── measures     what is shown: formula or aggregate, its leaves, whether rows add up
├── facts        rows of one home: what is read by which path and why, filters, how each row counts once
└── pre_aggregations    which of those declared could answer it, and why others could not
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.model.checks import FAN_SAFE_TYPES
from engine.model.lineage import columns_of
from engine.model.paths import bound_path, shown
from engine.plan.additivity import every_fact, why_not_additive
from engine.plan.facts import owner_of
from engine.plan.notes import joined_words, notes_of, plain
from engine.plan.outline import outline
from engine.plan.rollups import rollups
from engine.plan.sentence import sentence_of
from engine.query.resolved import SegmentUse, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.model.members import Dimension, Measure, RollingWindow, Sql, TimeShift
    from engine.model.model import Model
    from engine.plan.plan import Column, Fact, Leaf, Plan, Stage
    from engine.plan.rollups import RollupExplanation
    from engine.query.description import Describer
    from engine.query.resolved import ResolvedQuery, Shape, Use


_REFERENCE = re.compile(r"\{([\w.]+)\}")

Used = Literal["group", "filter", "default filter"]
_USES: tuple[Used, ...] = ("group", "filter", "default filter")


@dataclass(frozen=True, slots=True)
class LeafExplanation:
    """A measure with a home: what is aggregated how, from which columns, and how a row counts once.

    `filters` are the measure's own, as the analyst wrote them; `time` says over which other time it reads, if it does.
    """

    name: str
    home: str
    aggregate: str
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    counted: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class MeasureExplanation:
    """A metric of the result: the leaf of its name, or a formula over leaves; `why_not_additive` is empty where rows add up."""

    name: str
    title: str
    unit: str | None
    formula: str
    leaves: tuple[str, ...]
    why_not_additive: str


@dataclass(frozen=True, slots=True)
class ReadingExplanation:
    """A dimension or segment as one home reads it: by which path, why by this one, from which columns."""

    member: str
    used: Used
    path: str
    why: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactExplanation:
    """The rows of one home, for the measures `leaves`: what is read beside them, and which of them pass.

    `policies` are the cubes and views whose rows are limited to what the asker may see; `only_looked_up` those of which a row needs
    a partner that nothing is read from.
    """

    home: str
    leaves: tuple[str, ...]
    readings: tuple[ReadingExplanation, ...]
    filters: tuple[str, ...]
    default_filters: tuple[str, ...]
    policies: tuple[str, ...]
    only_looked_up: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query is answered; `as_dict` gives it as plain data, `str` as text."""

    sentence: str
    measures: tuple[MeasureExplanation, ...]
    leaves: tuple[LeafExplanation, ...]
    facts: tuple[FactExplanation, ...]
    notes: tuple[str, ...]
    sql: str = ""
    pre_aggregations: tuple[RollupExplanation, ...] = ()

    def __str__(self) -> str:
        return outline(self)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain data, without what is empty."""
        found = _data(self)
        assert isinstance(found, dict)
        return found


def explain(plan: Plan, resolved: ResolvedQuery, model: Model, describer: Describer, *, sql: str = "") -> Explanation:
    """The explanation of a plan; `sql` is its statement, if that is to be told too."""
    facts = tuple(dict.fromkeys(every_fact(plan)))
    return Explanation(
        sentence=sentence_of(plan, resolved, describer),
        measures=tuple(_measure(plan, column, model) for column in plan.measures if not column.hidden),
        leaves=tuple(dict.fromkeys(_leaves(facts, plan, model))),
        facts=tuple(dict.fromkeys(_fact(fact, plan, resolved.shape, model, describer) for fact in facts)),
        notes=notes_of(plan, describer),
        sql=sql,
        pre_aggregations=rollups(plan, model),
    )


def _measure(plan: Plan, column: Column, model: Model) -> MeasureExplanation:
    assert column.asked is not None
    measure = column.asked.measure
    return MeasureExplanation(
        name=column.name,
        title=measure.title,
        unit=measure.unit,
        formula=formula_of(measure, model),
        leaves=column.leaves,
        why_not_additive=why_not_additive(plan, column) or "",
    )


def formula_of(measure: Measure, model: Model) -> str:
    """What a measure computes, in the analyst's own words: `count(bugs)`, `sum({amount})`, or a derived one's SQL.

    `{…}` stands for members that the asker of `model` may not see.
    """
    sql = "" if measure.sql is None else _told(measure.sql, measure.cube, model)
    if measure.derived or measure.aggregate:
        return sql
    what = sql or measure.cube
    conditions = " and ".join(_told(each, measure.cube, model) for each in measure.filters)
    return f"{measure.type}({what})" + (f" where {conditions}" if conditions else "")


def _told(sql: Sql, owner: str, model: Model) -> str:
    """A snippet on one line, without the names of hidden members."""

    def shown_or_not(match: re.Match[str]) -> str:
        parts = [owner, *(part for part in match[1].split(".") if part != "CUBE")]
        names = {".".join(parts[at : at + 2]) for at in range(len(parts) - 1)}
        return match[0] if names.isdisjoint(model.hidden) else "{…}"

    text = " ".join(sql.text.split())
    return _REFERENCE.sub(shown_or_not, text) if model.hidden else text


def _leaves(facts: Iterable[Fact], plan: Plan, model: Model) -> Iterator[LeafExplanation]:
    for stage in plan.stages:
        yield _staged(stage, model)
        yield from _leaves((), stage.plan, model)
    for fact in facts:
        yield from (_leaf(fact, leaf, model) for leaf in fact.leaves)


def _staged(stage: Stage, model: Model) -> LeafExplanation:
    measure = stage.leaf.measure
    inner = joined_words([group.name for group in stage.plan.groups] or ["the whole"])
    kept = stage.kept if stage.over is None else stage.over
    by = joined_words([group.name for group in kept] or ["the whole"])
    over = "for each row shown"
    if stage.grid is not None or stage.over is not None:
        over = f"over {by}, repeated in each row" if measure.type != "rank" else f"ranked within {by}"
    return LeafExplanation(
        name=stage.leaf.name,
        home=measure.cube,
        aggregate=measure.type,
        columns=columns_of(measure, model),
        filters=(),
        counted=f"from values by {inner}, {over}",
    )


def _leaf(fact: Fact, leaf: Leaf, model: Model) -> LeafExplanation:
    measure = leaf.measure
    return LeafExplanation(
        name=leaf.name,
        home=fact.home.name,
        aggregate=measure.type,
        columns=columns_of(measure, model),
        filters=tuple(_told(each, measure.cube, model) for each in measure.filters),
        counted=_counted(fact, measure),
        time=_time(measure.rolling_window, fact.shift),
    )


def _counted(fact: Fact, measure: Measure) -> str:
    rows = plain(fact.home.name)
    if not fact.fanned:
        return f"each of the {rows} once: no join repeats it"
    if measure.type in FAN_SAFE_TYPES:
        return f"joins repeat the {rows}, which does not change a {measure.type}"
    keys = joined_words([key.name for key in fact.home.primary_key])
    return f"joins repeat the {rows}; each counts once a group, by its {keys}"


def _time(rolling: RollingWindow | None, shift: Iterable[TimeShift]) -> str:
    words = []
    if rolling is not None and rolling.to_date:
        words.append(f"from the start of the {rolling.to_date} to each bucket")
    elif rolling is not None:
        ends = (("behind", rolling.trailing), ("ahead", rolling.leading))
        words += [
            f"{end if end == 'unbounded' else f'{end[0]} {end[1]}'} {word}" for word, end in ends if end is not None
        ]
    words += [
        f"{-each.count} {each.unit} earlier" if each.count < 0 else f"{each.count} {each.unit} later" for each in shift
    ]
    return ", ".join(words)


def _fact(fact: Fact, plan: Plan, shape: Shape, model: Model, describer: Describer) -> FactExplanation:
    defaults = [each.predicate for each in fact.defaults]
    instances = (*fact.instances, *(each for existence in fact.existences for each in existence.instances))
    limited = [each.path[-1] for each in instances if each.policy is not None]
    return FactExplanation(
        home=fact.home.name,
        leaves=tuple(leaf.name for leaf in fact.leaves),
        readings=tuple(sorted(_readings(fact, plan, shape, model, describer), key=lambda each: _USES.index(each.used))),
        filters=tuple(describer.words(each) for each in shape.where),
        default_filters=tuple(describer.words(each) for each in defaults),
        policies=tuple(dict.fromkeys((*limited, *(view for view, _ in fact.guards)))),
        only_looked_up=tuple(existence.instances[0].path[-1] for existence in fact.existences),
    )


def _readings(fact: Fact, plan: Plan, shape: Shape, model: Model, describer: Describer) -> Iterator[ReadingExplanation]:
    grouped: dict[Use | SegmentUse, str] = {
        group.grouping.use: group.name for group in plan.groups if group.grouping is not None
    }
    keys: set[Use | SegmentUse] = {each.use for each in shape.groupings if each.label_of is not None}
    asked = dict.fromkeys(uses_of(shape.where))
    told = {*grouped, *asked, *uses_of(each.predicate for each in fact.defaults)}
    others = {use: grouped.get(use) or describer.name(use) for use in fact.places if use not in keys}
    for use, path in fact.places.items():
        if (use in keys and use not in asked) or use not in told | keys:
            continue
        used: Used = "group" if use in grouped else "filter" if use in asked else "default filter"
        yield ReadingExplanation(
            member=others.get(use) or describer.name(use),
            used=used,
            path=" → ".join(path),
            why=_why(fact, use, shape, model, others),
            columns=() if isinstance(use, SegmentUse) else _columns(fact.dimension(use), model, keyed=use in grouped),
        )


def _columns(dimension: Dimension, model: Model, *, keyed: bool) -> tuple[str, ...]:
    """What a dimension is read from; where rows are grouped by it, the column of its key too."""
    key = columns_of(dimension.key, model) if dimension.key is not None and keyed else ()
    return tuple(dict.fromkeys((*columns_of(dimension, model), *key)))


def _why(fact: Fact, use: Use | SegmentUse, shape: Shape, model: Model, others: Mapping[Use | SegmentUse, str]) -> str:
    """Why a path was taken (DESIGN rule 6)."""
    home, path = fact.home.name, fact.places[use]
    if len(path) == 1:
        return f"its own column of {home}"
    owner = owner_of(use, home)
    if use.path is not None and bound_path(home, use.path, (), owner) == path:
        return "as the join_path of the view, or the name asked for, says"
    hint = next((way for way in shape.hints if bound_path(home, None, (way,), owner) == path), None)
    if hint is not None:
        of_view = any(hint in view.join_paths for view in model.views.values())
        return f"as the {'join_paths of the view say' if of_view else 'joinHints of the query say'}: {shown([hint])}"
    steps = model.graph.along(path) or ()
    downs = [step.target for step in steps if step.direction == "down"]
    if not downs:
        return "the shortest way by many-to-one joins"
    shared = [name for each, name in others.items() if each != use and fact.places[each][:2] == path[:2]]
    together = f", shared with {joined_words(shared)}" if shared else ""
    return f"through {joined_words(downs)}: the fewest one-to-many steps to all that is asked{together}"


def _data(value: Any) -> Any:
    """A tree of dataclasses as plain data, without what is empty."""
    if is_dataclass(value):
        parts = {field.name: _data(getattr(value, field.name)) for field in fields(value)}
        return {name: part for name, part in parts.items() if part not in ("", None, [], {})}
    return [_data(each) for each in value] if isinstance(value, tuple) else value
