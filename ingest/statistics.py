"""Lets the database learn how its values are spread, so that its planner chooses the right index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

SAMPLE = 1000
"""Rows that SQLite looks at for each key of an index: the time for it does not grow with the table."""

OF_ONE_CUSTOMER = """
UPDATE sqlite_stat1 SET stat = rows || ' ' || (rows / (SELECT max(1, count(DISTINCT customer_id)) FROM products))
FROM (SELECT idx AS name, CAST(substr(stat, 1, instr(stat, ' ') - 1) AS INTEGER) AS rows FROM sqlite_stat1)
WHERE idx = name AND idx LIKE 'ix\\_%\\_customer\\_id' ESCAPE '\\'
"""
"""A sample takes no key for more frequent than its own size. Where nearly all rows are one customer's, that makes the customer's
index look like the best way to a few of them, and the bugs of a month took 15 times as long as by the end of their tests."""


def learn(connection: Connection, tables: Iterable[str] = METADATA.tables) -> None:
    """Look at some of the rows of these tables, inside the caller's transaction; whoever reads after its end goes by that."""
    quoted = [connection.dialect.identifier_preparer.quote(table) for table in tables]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"ANALYZE {', '.join(quoted)}")
        return
    connection.exec_driver_sql(f"PRAGMA analysis_limit={SAMPLE}")
    for table in quoted:
        connection.exec_driver_sql(f"ANALYZE {table}")
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'products'").first():
        connection.exec_driver_sql(OF_ONE_CUSTOMER)
        connection.exec_driver_sql("ANALYZE sqlite_schema")  # reads what was written, and looks at nothing else
