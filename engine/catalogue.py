"""What can be asked of a model, as plain data for agents and people: metrics, dimensions, what goes with what, dates, limits.

By default it fits into one look (`engine.brevity`); what does not fit is left out, and said to be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.brevity import (
    MOST_BYTES,
    NAMES_ALONE,
    NO_DESCRIPTIONS,
    SAID_ONCE,
    SHORT_FORMULAS,
    cut,
    filled,
    first_clause,
    first_sentence,
    shortened,
    size,
)
from engine.errors import QueryError
from engine.execute.account import model_stamp
from engine.model.checks import home_measures
from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure
from engine.model.operators import OPERATORS
from engine.plan.explanation import formula_of
from engine.plan.planner import plan
from engine.plan.variants import rows_of
from engine.query.access import seen
from engine.query.names import find
from engine.query.phrases import FORMS
from engine.query.resolved import Asked, Grouping, Policies, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.model.model import Model, View
    from engine.query.names import Found

_MOST_COMBINATIONS = 4_000
_LONGEST_FORMULA, _SHORT_FORMULA = 140, 60
_REFERENCE = re.compile(r"\{(\w+)\}")
_DIVISOR = re.compile(r"NULLIF\(([^()]*), 0\)")
_KINDS = (Dimension, Measure)


@dataclass(frozen=True, slots=True)
class _Offered:
    """A member under the name by which it is asked for, with what the view says of it."""

    name: str
    found: Found
    title: str
    description: str

    @property
    def target(self) -> Any:
        return self.found.target

    @property
    def shown(self) -> object:
        """Which dimension it shows, whatever the granularity: one of a view, by one way."""
        return (self.found.view, self.found.use)


def capabilities(
    model: Model, *, search: str | None = None, detail: bool = False, security: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What can be asked of `model` by someone with the values `security`, which access policies go by.

    `search` keeps the metrics and dimensions that have all of its words in their name, title, description, synonyms, examples or
    values, or, where none has, those that have the most of them; `detail` tells everything about them, however long it gets.
    Keys: model, about, metrics [{name, description, formula, unit, additive}], dimensions [{name, type, description,
    values | example, buckets {name: granularity}}], only_with [{dimensions, metrics}], default_filters, filters {operators},
    dates {default, times, granularities, phrases, time_zone}, limits, note.
    """
    model = seen(model, security)
    words = _words(search or "")
    members = _found(_offered(model), words)
    partly = not all(word in _said(each) for each in members for word in words)
    measures = [each for each in members if isinstance(each.target, Measure)]
    dimensions = [each for each in members if isinstance(each.target, Dimension)]
    only_with = _only_with(measures, dimensions, model)
    for brevity in range(1 if detail else NAMES_ALONE):
        found = {
            **_about(model, brevity),
            "metrics": [_measure(each, model, detail=detail, brevity=brevity) for each in measures],
            "dimensions": _dimensions(dimensions, detail=detail, brevity=brevity),
            "only_with": only_with,
            **_rules(model, dimensions, brevity),
        }
        if detail or size(found) <= MOST_BYTES:
            return _noted(found, search, brevity, partly=partly)
    return _noted(cut(found), search, NAMES_ALONE, partly=partly)


def _offered(model: Model) -> list[_Offered]:
    """The members that a query may name: of the default view under flat names, else of all views, else of all cubes."""
    view = model.default_view
    if view is not None:
        return list(_of_view(model, view, ""))
    if model.views:
        views = (each for each in model.views.values() if each.public)
        return [each for view in views for each in _of_view(model, view, f"{view.name}.")]
    return [
        _Offered(member.full_name, find(model, member.full_name, _KINDS, ""), member.title, member.description or "")
        for cube in model.cubes.values()
        if cube.public
        for member in cube.members()
        if isinstance(member, _KINDS) and member.public
    ]


def _of_view(model: Model, view: View, prefix: str) -> Iterable[_Offered]:
    for name, member in view.members.items():
        if member.public and not member.is_key and isinstance(member.target, _KINDS):
            description = member.description or member.target.description or ""
            yield _Offered(prefix + name, find(model, prefix + name, _KINDS, ""), member.title, description)


def _found(members: Sequence[_Offered], words: Sequence[str]) -> list[_Offered]:
    """The members that have all of the words; where none has, those that have the most of them, long words before short ones."""
    hits = [sum(len(word) for word in words if word in _said(each)) for each in members]
    most = max(hits, default=0)
    return [each for each, hit in zip(members, hits, strict=True) if hit == most and (hit or not words)]


def _words(search: str) -> list[str]:
    return search.lower().replace("_", " ").split()


def _said(member: _Offered) -> str:
    """All that is said of a member, in small letters."""
    target = member.target
    texts = [member.name, member.title, member.description, *target.synonyms, *map(str, target.examples)]
    for value in getattr(target, "values", ()):
        texts += [value.value, *value.aliases]
    return " ".join(texts).lower().replace("_", " ")


def _about(model: Model, brevity: int) -> dict[str, Any]:
    view = model.default_view
    text = (view.description if view is not None else None) or ""
    return filled({"model": model_stamp(model), "about": first_sentence(text) if brevity >= SAID_ONCE else text})


def _measure(member: _Offered, model: Model, *, detail: bool, brevity: int) -> dict[str, Any]:
    measure: Measure = member.target
    data: dict[str, Any] = {"name": member.name, "unit": measure.unit, "additive": None if measure.additive else False}
    if brevity < NO_DESCRIPTIONS:
        data["description"] = _described(member, detail=detail, brevity=brevity)
        formula = formula_of(measure, model)
        most = _SHORT_FORMULA if brevity >= SHORT_FORMULAS else _LONGEST_FORMULA
        data["formula"] = formula if detail else shortened(_plain_formula(member, formula), most)
    if detail:
        data |= {"title": member.title, "format": measure.format}
        data |= {"synonyms": list(measure.synonyms), "examples": list(measure.examples)}
    return filled(data)


def _dimensions(members: Sequence[_Offered], *, detail: bool, brevity: int) -> list[dict[str, Any]]:
    """The dimensions, from `SAID_ONCE` on the buckets of a time beside it: `{"name": "end_at", "buckets": {"month": "month"}}`."""
    if brevity < SAID_ONCE:
        return [_dimension(each, detail=detail, brevity=brevity) for each in members]
    buckets: dict[object, dict[str, str]] = {each.shown: {} for each in members if each.found.granularity is None}
    told = []
    for each in members:
        if each.found.granularity is not None and each.shown in buckets:
            buckets[each.shown][each.name] = each.found.granularity.name
        else:
            told.append((each.shown, _dimension(each, detail=detail, brevity=brevity)))
    return [filled({**data, "buckets": buckets.get(shown)}) for shown, data in told]


def _dimension(member: _Offered, *, detail: bool, brevity: int) -> dict[str, Any]:
    dimension: Dimension = member.target
    bucket = member.found.granularity
    kind = f"{bucket.name} of {dimension.name}" if bucket is not None else dimension.type
    data: dict[str, Any] = {"name": member.name, "type": None if kind == "string" else kind}
    data["values"] = [value.value for value in dimension.values]
    if brevity < NO_DESCRIPTIONS and (bucket is None or detail):
        data["description"] = _described(member, detail=detail, brevity=brevity)
    if brevity < SAID_ONCE and not dimension.values:
        data["example"] = next(iter(dimension.examples), None)
    if detail:
        data |= {"title": member.title, "format": dimension.format, "synonyms": list(dimension.synonyms)}
        data["key"] = f"{member.name}_id" if dimension.key is not None else None
        data["values"] = [
            filled({"value": value.value, "aliases": list(value.aliases), "description": value.description})
            for value in dimension.values
        ]
    return filled(data)


def _described(member: _Offered, *, detail: bool, brevity: int) -> str:
    if detail:
        return member.description
    return first_clause(member.description) if brevity >= SAID_ONCE else first_sentence(member.description)


def _plain_formula(member: _Offered, formula: str) -> str:
    """A formula by the names that a query may use; that a division by 0 is null goes without saying."""
    measure, view = member.target, member.found.view
    members = view.members.values() if view is not None else ()
    names = {each.target: each.name for each in members if isinstance(each.target, Measure)}

    def named(match: re.Match[str]) -> str:
        return names.get(measure.references.get(match[1]), match[1])

    def divisor(match: re.Match[str]) -> str:
        return f"({match[1]})" if " " in match[1] else match[1]

    text = _REFERENCE.sub(named, formula.replace("{CUBE}.", "").replace("1.0 * ", ""))
    return _DIVISOR.sub(divisor, text)


def _rules(model: Model, dimensions: Sequence[_Offered], brevity: int) -> dict[str, Any]:
    view, limits = model.default_view, model.settings.limits
    defaults = [
        {"member": each.member, "operator": each.operator or "equals", "values": list(each.values)}
        for each in (view.default_filters if view is not None else ())
        if each.member is not None and view is not None and each.member.rpartition(".")[2] not in view.hidden
    ]
    operators = [name for name in OPERATORS if not name.startswith("not") or name == "notSet"]
    forms = {form.read: form for form in reversed(FORMS)} if brevity >= SAID_ONCE else {}
    times = [each.name for each in dimensions if each.target.type == "time" and each.found.granularity is None]
    return filled(
        {
            "default_filters": defaults,
            "filters": {
                "members": "all but time buckets",
                "operators": operators,
                "negated": "notEquals, …",
            },
            "dates": filled(
                {
                    "default": view.default_time_dimension if view is not None else None,
                    "times": times if brevity < SAID_ONCE else None,
                    "granularities": list(PREDEFINED),
                    "phrases": [
                        form.examples[0] for form in FORMS if form.examples and forms.get(form.read, form) is form
                    ],
                    "time_zone": model.settings.time_zone,
                }
            ),
            "limits": filled(
                {
                    "dimensions": limits.dimensions,
                    "metrics": limits.measures,
                    "rows": limits.rows,
                    "seconds": limits.seconds,
                }
            ),
        }
    )


def _only_with(
    measures: Sequence[_Offered], dimensions: Sequence[_Offered], model: Model
) -> list[dict[str, list[str]]]:
    """The dimensions that do not go with every metric, those of the same metrics together."""
    homes = {measure.cube for each in measures for measure in home_measures(each.target)}
    if len(homes) * len(dimensions) > _MOST_COMBINATIONS:
        return []
    exceptions: dict[tuple[str, ...], list[str]] = {}
    for dimension in dimensions:
        barred = {home for home in homes if not _goes_with(home, dimension, model)}
        fitting = [each for each in measures if not barred & {measure.cube for measure in home_measures(each.target)}]
        if len(fitting) < len(measures):
            exceptions.setdefault(tuple(each.name for each in fitting), []).append(dimension.name)
    return [{"dimensions": names, "metrics": list(metrics)} for metrics, names in exceptions.items()]


def _goes_with(home: str, dimension: _Offered, model: Model) -> bool:
    """Whether rows of a home can be counted by a dimension: asked of the planner, so that it is what a query would be told."""
    found = dimension.found
    rows = rows_of(model.cubes[home])
    shape = Shape(
        groupings=(Grouping(dimension.name, found.use, "dimension", found.granularity),),
        measures=(Asked("rows", rows),),
        where=(),
        having=(),
        defaults=(),
        policies=Policies({}, {}),
        order=(),
        limit=-1,
        offset=0,
        time_zone=model.settings.time_zone,
        hints=found.view.join_paths if found.view is not None else (),
    )
    try:
        plan(shape, model)
    except QueryError:
        return False
    return True


def _noted(found: Mapping[str, Any], search: str | None, brevity: int, *, partly: bool) -> dict[str, Any]:
    """The capabilities without what is empty, and with a note of what was left out or not found."""
    note = None
    if search and not found["metrics"] and not found["dimensions"]:
        note = f"Nothing is known as {search!r}. Leave out the search to see all there is."
    elif partly:
        note = f"Nothing has all words of {search!r}; these have the most of them."
    elif brevity:
        note = "Shortened: a search or detail tells more."
    return filled({**found, "note": note})
