"""The engine's doors: load a model, compile a query, run it. Every front end calls these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.execute.result import Result
from engine.execute.runner import execute
from engine.plan.planner import plan
from engine.query.parser import parse_query
from engine.query.resolver import resolve
from engine.sql.builder import build_select
from engine.sql.dialects import dialect_named
from engine.sql.statement import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.execute.database import Database
    from engine.model.model import Model
    from engine.query.resolved import ResolvedQuery
    from engine.sql.statement import Statement, Template

_MOST_TEMPLATES = 4096


def compile_query(
    query: Mapping[str, Any],
    model: Model,
    *,
    dialect: str = "sqlite",
    security: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Statement:
    """The SQL statement that answers `query`, a mapping in Cube's REST format or in the flat form.

    `security` are the values that access policies go by; `now` is the moment that relative dates count from.
    Raises QueryError with every reason why the query cannot be answered.
    """
    resolved = resolve(parse_query(query), model, security=security, now=now)
    return template_for(resolved, model, dialect).bind(resolved.values)


async def run_query(
    query: Mapping[str, Any],
    model: Model,
    database: Database,
    *,
    security: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Result:
    """The answer to `query` from `database`, with an account of how it was made.

    Raises QueryError as `compile_query` does, DatabaseError where the database refuses, QueryTimeout at the model's limit.
    """
    resolved = resolve(parse_query(query), model, security=security, now=now)
    template = template_for(resolved, model, database.dialect)
    statement = template.bind(resolved.values)
    fetched = await execute(statement, database, timeout=model.settings.limits.seconds)
    return Result(statement.columns, fetched.rows, (), {}, seconds=fetched.seconds, sql=statement.sql)


def template_for(resolved: ResolvedQuery, model: Model, dialect: str) -> Template:
    """The compiled form of a query's shape, from the model's memory if it has been compiled before."""
    known = dialect_named(dialect)
    key = (known.name, resolved.shape)
    found: Template | None = model.cache.get(key)
    if found is None:
        planned = plan(resolved.shape, model)
        found = render(build_select(planned, known), planned, known)
        if len(model.cache) > _MOST_TEMPLATES:
            model.cache.clear()
        model.cache[key] = found
    return found
