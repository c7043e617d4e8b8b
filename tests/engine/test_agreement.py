"""What a model says of a database and is not so: `metric-cube check --database` tells it before a question meets it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import duckdb
import pytest

import engine
from engine.execute.agreement import disagreements
from engine.execute.database import open_database

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """\
cubes:
  - name: customers
    sql_table: {table}
    dimensions:
      - {{name: id, sql: "{{CUBE}}.id", type: number, primary_key: true}}
      - {{name: region, sql: "UPPER({{CUBE}}.{column})", type: string}}
  - name: orders
    sql: SELECT * FROM orders WHERE total > 0
    joins:
      - {{name: customers, relationship: many_to_one, sql: "{{CUBE}}.customer_id = {{customers.id}}"}}
    dimensions:
      - {{name: id, sql: '{{CUBE}}."Id"', type: number, primary_key: true}}
    measures:
      - {{name: paid, type: count, filters: [{{sql: '{{CUBE}}.status = {literal}'}}]}}
"""
RIGHT = {"table": "customers", "column": "region", "literal": "''paid''"}


def told(folder: Path, *rows: str, **changes: str) -> list[tuple[str, int, str]]:
    """Code, line and message of each disagreement with a database of these rows, for a model with these changes."""
    (folder / "model.yml").write_text(MODEL.format(**RIGHT | changes))
    with duckdb.connect(folder / "data.duckdb") as connection:
        connection.execute("CREATE TABLE customers (id INT, region TEXT)")
        connection.execute('CREATE TABLE orders ("Id" INT, customer_id INT, status TEXT, total INT)')
        for row in rows:
            connection.execute(row)

    async def found() -> list[tuple[str, int, str]]:
        async with open_database(f"duckdb:///{folder / 'data.duckdb'}") as database:
            issues = await disagreements(engine.load_model(folder / "model.yml"), database)
        return [(issue.code, issue.place.line if issue.place else 0, issue.message) for issue in issues]

    return asyncio.run(found())


def test_a_model_that_fits_its_database_is_not_spoken_of(tmp_path: Path) -> None:
    keyless = "INSERT INTO customers VALUES (1, 'a'), (NULL, 'b'), (NULL, 'c')"
    assert told(tmp_path, keyless, "INSERT INTO orders VALUES (1, 1, 'paid', 3), (1, 1, 'paid', 0)") == []


@pytest.mark.parametrize(
    ("changes", "code", "line", "words"),
    [
        ({"table": "custmers"}, "E_TABLE_MISSING", 2, "custmers"),
        ({"column": "regoin"}, "E_COLUMN_MISSING", 6, "'customers' reads the column regoin"),
        ({"literal": '"paid"'}, "E_COLUMN_MISSING", 14, "'orders' reads the column \"paid\""),
    ],
    ids=["table", "column", "quotes"],
)
def test_what_is_not_there_is_told_at_its_place(
    tmp_path: Path, changes: dict[str, str], code: str, line: int, words: str
) -> None:
    found = told(tmp_path, **changes)
    assert [issue[:2] for issue in found] == [(code, line)]
    assert words in found[0][2]


def test_a_repeated_key_is_told_with_the_joins_that_rely_on_it(tmp_path: Path) -> None:
    found = told(tmp_path, "INSERT INTO customers VALUES (7, 'a'), (7, 'b')")
    assert [issue[:2] for issue in found] == [("E_NOT_UNIQUE", 5), ("E_NOT_UNIQUE", 10)]
    assert "several rows of 'customers' have id = 7" in found[0][2]
    assert "'orders' joins 'customers' as many_to_one" in found[1][2]


def test_a_database_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(engine.DatabaseError):
        open_database(f"duckdb:///{tmp_path / 'none.duckdb'}")
