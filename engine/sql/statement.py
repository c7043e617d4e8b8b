"""The finished statement: text, parameters in the driver's form, and what its columns are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from sqlglot.errors import SqlglotError

from engine.errors import Issue, QueryError
from engine.plan.additivity import why_not_additive
from engine.sql.parameters import bound_values
from engine.sql.writer import write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.plan.plan import Plan
    from engine.query.resolved import Grouping
    from engine.sql.builder import Built
    from engine.sql.dialects import SqlDialect

ColumnType = Literal["string", "number", "boolean", "time", "date"]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: `member` as the query named it, its type and its role, and how its values are meant."""

    member: str
    type: ColumnType
    role: Literal["dimension", "time", "key", "measure"]
    title: str = ""
    unit: str | None = None
    format: Any = None
    granularity: str | None = None
    additive: bool | None = None
    description: str | None = None
    why_not_additive: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL in one dialect with its parameters, as the database's driver takes both."""

    sql: str
    parameters: Mapping[str, Any] | Sequence[Any]
    columns: tuple[ResultColumn, ...]
    dialect: str


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A statement without its values, to be used again for every query of its shape; `order` is that of its marks of parameters."""

    sql: str
    slots: tuple[tuple[str, int, str], ...]
    order: tuple[str, ...]
    columns: tuple[ResultColumn, ...]
    dialect: SqlDialect
    plan: Plan

    def bind(self, values: Sequence[Any], titles: Sequence[tuple[str, str]] = ()) -> Statement:
        """The statement with a query's values; `titles` are what it calls columns, by their names."""
        named = bound_values(self.slots, values, self.dialect, time_zone=self.plan.time_zone)
        placed = self.dialect.parameter == "?"
        parameters = [named[name] for name in self.order] if placed else named
        columns = self.columns
        if titles:
            called = dict(titles)
            columns = tuple(replace(each, title=called.get(each.member, each.title)) for each in columns)
        return Statement(self.sql, parameters, columns, self.dialect.name)


def render(built: Built, plan: Plan, dialect: SqlDialect) -> Template:
    """The text of a statement.

    Raises QueryError if an analyst's snippet uses what the database lacks.
    """
    try:
        sql, order = write(built.select, dialect)
    except SqlglotError as error:
        message = f"This query cannot be written for {dialect.name}: {str(error).splitlines()[0]}"
        raise QueryError(Issue("E_UNSUPPORTED", message)) from error
    return Template(sql, built.slots, order, result_columns(plan), dialect, plan)


def result_columns(plan: Plan) -> tuple[ResultColumn, ...]:
    """What the columns of a plan's result are."""
    found = []
    for column in plan.columns:
        if column.hidden:
            continue
        if column.grouping is not None:
            dimension, granularity = column.grouping.use.dimension, column.grouping.granularity
            day = dimension.is_date if granularity is None else granularity.whole_days
            found.append(
                ResultColumn(
                    column.name,
                    "date" if column.type == "time" and day else column.type,  # type: ignore[arg-type]
                    column.role,
                    title=_title(plan, column.grouping),
                    format=dimension.format,
                    granularity=granularity.name if granularity else None,
                    description=dimension.description,
                )
            )
        elif column.asked is not None:
            measure = column.asked.measure
            reason = why_not_additive(plan, column)
            found.append(
                ResultColumn(
                    column.name,
                    column.type,  # type: ignore[arg-type]
                    "measure",
                    title=measure.title,
                    unit=measure.unit,
                    format=measure.format,
                    additive=reason is None,
                    description=measure.description,
                    why_not_additive=reason,
                )
            )
    return tuple(found)


def _title(plan: Plan, grouping: Grouping) -> str:
    """A dimension's title: a key's by what it identifies, a bucket's with its granularity."""
    title = grouping.use.dimension.title
    if grouping.label_of is not None:
        label = next(each.grouping for each in plan.groups if each.name == grouping.label_of)
        return f"{label.use.dimension.title} id" if label is not None else title
    return title if grouping.granularity is None else f"{title} ({grouping.granularity.name})"
