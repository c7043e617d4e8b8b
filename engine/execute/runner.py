"""Running a statement and giving its values one form, whatever database they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.execute.values import normalise_rows

if TYPE_CHECKING:
    from engine.execute.database import Database, Fetched
    from engine.sql.statement import Statement


async def execute(
    statement: Statement, database: Database, *, timeout: float | None = None, max_rows: int | None = None
) -> Fetched:
    """The rows of a statement, their values normalised by the types of its columns.

    Raises DatabaseError if the database refuses, QueryTimeout after `timeout` seconds.
    """
    fetched = await database.fetch(statement.sql, statement.parameters, timeout=timeout, max_rows=max_rows)
    types = tuple(column.type for column in statement.columns)
    return type(fetched)(fetched.columns, normalise_rows(fetched.rows, types), fetched.seconds, fetched.cut)
