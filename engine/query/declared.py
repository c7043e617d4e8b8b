"""The dates in the conditions that a model declares: one that is not understood would refuse every question."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.query.conditions import Conditions, Values
from engine.query.dates import parse_phrase
from engine.query.resolved import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.model.declared import Declared
    from engine.model.model import Model


def date_issues(model: Model, declared: Iterable[Declared]) -> Iterator[Issue]:
    """The conditions on times among `declared` of which a date is not understood, does not exist, or makes an empty range."""
    now, zone = datetime.now(UTC), model.settings.time_zone
    conditions = Conditions(model, Values(), now, zone)
    for each in declared:
        condition = each.condition
        known = tuple(value for value in each.constants if isinstance(value, str))
        if each.dimension.type != "time" or not known:
            continue
        try:
            if known == condition.values:
                conditions.owned(Use(each.dimension), condition.operator or "equals", known)
            else:
                for value in known:
                    parse_phrase(value, now=now, time_zone=zone)
        except QueryError as error:
            for issue in error.issues:
                if issue.code == "E_DATE":
                    yield Issue(
                        "E_DATE",
                        f"{each.whose}: {issue.message}",
                        place=condition.place,
                        hint=issue.hint,
                        candidates=issue.candidates,
                    )
