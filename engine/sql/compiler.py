"""From the shape of a query to the text of its statement, and of the statements that the account of an answer needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from engine.plan.planner import plan
from engine.plan.variants import row_count_plan
from engine.sql.builder import Built, build_select
from engine.sql.names import identifier
from engine.sql.nothing import select_nothing
from engine.sql.statement import ResultColumn, Template, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.model import Model
    from engine.query.resolved import Predicate, Shape
    from engine.sql.dialects import SqlDialect

_MOST_TEMPLATES = 4096
_COUNTED = "counted"


def template_for(shape: Shape, model: Model, dialect: SqlDialect) -> Template:
    """The compiled form of a query's shape; raises QueryError where it cannot be answered."""

    def make() -> Template:
        planned = plan(shape, model)
        return render(build_select(planned, dialect), planned, dialect)

    return _kept(model, (dialect.name, shape), make)


def group_count_template(shape: Shape, model: Model, dialect: SqlDialect) -> Template:
    """How many rows the query of a shape has without its limit: one row, one column."""

    def make() -> Template:
        planned = replace(template_for(shape, model, dialect).plan, order=(), limit=-1, offset=0)
        built = build_select(planned, dialect)
        inner = exp.Subquery(this=built.select, alias=exp.TableAlias(this=identifier(_COUNTED)))
        count = exp.Alias(this=exp.Count(this=exp.Star(), big_int=True), alias=identifier("groups"))
        select = exp.Select(expressions=[count], from_=exp.From(this=inner))
        template = render(Built(select, built.slots), planned, dialect)
        return replace(template, columns=(ResultColumn("groups", "number", "measure"),))

    return _kept(model, (dialect.name, shape, "groups"), make)


def row_count_template(
    counted: Shape, shape: Shape, model: Model, dialect: SqlDialect, dropped: Predicate | None = None
) -> Template:
    """How many rows of each home of `shape` pass the filters of `counted`: one row, a column a home."""

    def make() -> Template:
        planned = row_count_plan(template_for(shape, model, dialect).plan, counted, model, dropped)
        return render(build_select(planned, dialect), planned, dialect)

    return _kept(model, (dialect.name, shape, counted, dropped), make)


def nothing_template(shape: Shape, model: Model, dialect: SqlDialect) -> Template:
    """What the measures of a query come to in a group that holds no row: one row, a column for each measure shown."""

    def make() -> Template:
        planned = template_for(shape, model, dialect).plan
        columns = tuple(each for each in planned.columns if each.asked is not None)
        return render(select_nothing(planned, dialect), replace(planned, columns=columns), dialect)

    return _kept(model, (dialect.name, shape, "nothing"), make)


def _kept(model: Model, key: Any, make: Callable[[], Template]) -> Template:
    """A template from the model's memory, made and remembered if it is not there."""
    found: Template | None = model.cache.get(key)
    if found is None:
        found = make()
        if len(model.cache) > _MOST_TEMPLATES:
            model.cache.clear()
        model.cache[key] = found
    return found
