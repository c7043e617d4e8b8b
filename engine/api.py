"""The engine's doors: compile a query, explain it, run it. Every front end calls these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.plan.explanation import explain
from engine.query.access import seen
from engine.query.comparison import each_range, one_range
from engine.query.description import Describer, names_of
from engine.query.parser import parse_query
from engine.query.query import Query
from engine.query.resolver import resolve
from engine.query.semantic_sql import parse_sql
from engine.sql.compiler import template_for
from engine.sql.dialects import dialect_named

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import datetime

    from engine.execute.database import Database
    from engine.execute.freshness import Freshness
    from engine.execute.result import Result
    from engine.model.model import Model
    from engine.plan.explanation import Explanation
    from engine.sql.statement import Statement


def compile_query(
    query: Mapping[str, Any] | str | Query,
    model: Model,
    *,
    dialect: str = "sqlite",
    security: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Statement:
    """The SQL statement that answers `query`: a mapping in Cube's REST format or in the flat form, a text of semantic SQL, or
    what `parse_query` made of one.

    `security` are the values that access policies go by; `now` is the moment that relative dates count from.
    Raises QueryError with every reason why the query cannot be answered.
    """
    model = seen(model, security)
    resolved = resolve(one_range(_parsed(query, model)), model, security=security, now=now)
    return template_for(resolved.shape, model, dialect_named(dialect)).bind(resolved.values, resolved.titles)


def explain_query(
    query: Mapping[str, Any] | str | Query,
    model: Model,
    *,
    dialect: str = "sqlite",
    security: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Explanation:
    """How `query` is answered: homes, join paths and why these, filters, what does not add up, lineage to columns.

    Of a query that compares date ranges, the first is explained. Raises QueryError as `run_query` does.
    """
    model = seen(model, security)
    parsed = each_range(_parsed(query, model))[0]
    resolved = resolve(parsed, model, security=security, now=now)
    template = template_for(resolved.shape, model, dialect_named(dialect))
    describer = Describer(names_of(parsed, resolved, model), resolved.values, resolved.shape.time_zone)
    return explain(template.plan, resolved, model, describer, sql=template.sql)


async def run_query(
    query: Mapping[str, Any] | str | Query,
    model: Model,
    database: Database,
    *,
    security: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    freshness: Freshness | None = None,
) -> Result:
    """The answer to `query` from `database`, with an account of how it was made.

    `freshness` is asked, before the rows are read, how fresh they are. Raises QueryError as `compile_query` does, DatabaseError
    where the database refuses, QueryTimeout at the model's limit, which holds for all statements of the answer together.
    """
    # Asyncio and what accounts for rows are a tenth of the start of a command that only compiles.
    from engine.execute.answer import answer  # noqa: PLC0415
    from engine.execute.comparison import compare  # noqa: PLC0415

    model = seen(model, security)
    queries = each_range(_parsed(query, model))
    resolved = [resolve(each, model, security=security, now=now) for each in queries]
    if len(queries) > 1:
        return await compare(queries, resolved, model, database, freshness)
    return await answer(queries[0], resolved[0], model, database, freshness)


def query_key(
    query: Mapping[str, Any] | str | Query,
    model: Model,
    *,
    security: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Hashable:
    """What identifies the answer to `query` as long as model and data stay as they are; raises QueryError as `compile_query` does.

    It holds the values that policies and relative dates came to, so that callers have equal keys only where they would be given
    equal answers.
    """
    seen_model = seen(model, security)
    parsed = _parsed(query, seen_model)
    resolved = [resolve(each, seen_model, security=security, now=now) for each in each_range(parsed)]
    # 1, 1.0 and True are equal to Python, and not to every database.
    return parsed, tuple((each.shape, each.values, tuple(map(type, each.values))) for each in resolved)


def _parsed(query: Mapping[str, Any] | str | Query, model: Model) -> Query:
    if isinstance(query, Query):
        return query
    return parse_sql(query, model) if isinstance(query, str) else parse_query(query, model.settings.limits.rows)
