"""Which way each row is made to count once a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.model.checks import FAN_SAFE_TYPES
from engine.plan.additivity import down_steps
from engine.plan.labels import labels_of
from engine.plan.lateness import late_instances
from engine.sql.labelled import Labelled
from engine.sql.late import Late
from engine.sql.once import ByKey, Distinctly, Plainly, RowByRow, RowsOnce
from engine.sql.percentiles import PERCENTILE_TYPES
from engine.sql.ranked import Ranked
from engine.sql.rolling import Rolling
from engine.sql.semi_additive import OneDate

if TYPE_CHECKING:
    from engine.sql.facts import FactSelect
    from engine.sql.once import Once


def once(select: FactSelect) -> Once:
    """The way that fits a fact: the plainest that keeps every number right."""
    fact = select.fact
    if fact.window is not None and fact.window.use is not None:
        return Rolling(select, select.columns)
    if fact.over is not None:
        return OneDate(select)
    if select.dialect.ranks and any(leaf.measure.type in PERCENTILE_TYPES for leaf in fact.leaves):
        return Ranked(select)
    late = late_instances(fact, select.columns)
    if late:
        return Late(select, late)
    labels = labels_of(fact, select.columns)
    if labels:
        told = [column for each in labels for column in each.columns]
        return Labelled(select, labels, once(select.without(told)))
    if not fact.fanned or all(leaf.measure.type in FAN_SAFE_TYPES for leaf in fact.leaves):
        return Plainly(select)
    counts = all(leaf.measure.type == "count" and leaf.measure.sql is None for leaf in fact.leaves)
    if counts and len(fact.home.primary_key) == 1:
        return ByKey(select)
    return Distinctly(select)


def ungrouped(select: FactSelect) -> Once:
    """The rows themselves, each once; raises QueryError where a row would have several values of what is shown."""
    fact = select.fact
    if not fact.fanned:
        return RowByRow(select)
    shown = [fact.places[column.grouping.use] for column in select.columns if column.grouping is not None]
    if not fact.home.primary_key or any(step for place in shown for step in down_steps(fact, place)):
        home = fact.home.name
        message = f"A row of {home!r} has several partners here, so ungrouped rows would repeat its values."
        raise QueryError(
            Issue("E_UNGROUPED", message, member="ungrouped", hint="Ask for it grouped, or by fewer dimensions.")
        )
    return RowsOnce(select)
