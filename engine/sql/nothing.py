"""What the measures of a query come to in a group that holds no row: the row that stands for a group found elsewhere.

SELECT 0 AS bug_count, CAST(0 AS DOUBLE PRECISION) / NULLIF(0, 0) AS bugs_per_test
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import COUNTING_TYPES
from engine.sql.builder import Built
from engine.sql.derived import derived_value, filled
from engine.sql.names import alias_of
from engine.sql.nodes import kind, number
from engine.sql.selects import named

if TYPE_CHECKING:
    from engine.model.members import Measure
    from engine.plan.plan import Plan
    from engine.sql.dialects import SqlDialect


def select_nothing(plan: Plan, dialect: SqlDialect) -> Built:
    """The statement of one row, the measures that are shown: a count is 0, all others null, unless the model fills them."""
    measures = {leaf.name: leaf.measure for fact in plan.facts for leaf in fact.leaves}
    measures |= {stage.leaf.name: stage.leaf.measure for stage in plan.stages}

    def value(name: str) -> exp.Expr:
        return filled(_nothing(measures[name]), measures[name])

    shown = []
    for each in plan.measures:
        assert each.value is not None
        this = value(each.value) if isinstance(each.value, str) else derived_value(each.value, value, dialect)
        if not each.hidden:
            shown.append(named(this, alias_of(each.name)))
    return Built(exp.Select(expressions=shown), ())


def _nothing(measure: Measure) -> exp.Expr:
    if measure.type in COUNTING_TYPES and measure.rolling_window is None:
        return number(0)
    null = exp.Null()
    return null if measure.type in {"string", "time", "boolean"} else exp.Cast(this=null, to=kind("DOUBLE"))
