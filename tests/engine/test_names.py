"""Names that a database keeps for itself are written in quotes, so that a model may use any."""

from __future__ import annotations

from contextlib import closing

import pytest

from engine.sql.names import identifier, needs_quotes
from tests.oracle.database import DIALECTS, Dialect, connect, fetch

FORMS = (
    "SELECT t.{name} AS {name}, MAX(t.{name}) FROM (SELECT 1 AS {name}) AS t GROUP BY 1 ORDER BY {name}",
    "WITH {name} AS (SELECT 1 AS a) SELECT {name}.a FROM {name}",
    "SELECT {name} FROM (SELECT 1 AS {name}) AS t",
)
NEVER_ON_SQLITE = {"true", "false"}
"""SQLite before 3.41 takes them for constants even in quotes, where they name a column of a subquery."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_keyword_can_be_the_name_of_a_column_and_of_a_table(dialect: Dialect) -> None:
    # DuckDB's keywords are PostgreSQL's and more; SQLite's are among them.
    with closing(connect("duckdb")) as duck, closing(connect(dialect)) as connection:
        words = [word for (word,) in fetch(duck, "SELECT keyword_name FROM duckdb_keywords()")]
        assert len(words) > 400
        for word in words:
            if dialect == "duckdb" or word not in NEVER_ON_SQLITE:
                for form in FORMS:
                    assert fetch(connection, form.format(name=identifier(word).sql(dialect)))


@pytest.mark.parametrize("name", ["a b", "1a", "ä", 'a"b', "a.b", "", "Order", "WITH"])
def test_what_is_no_plain_word_is_quoted(name: str) -> None:
    assert needs_quotes(name)


def test_a_name_that_the_analyst_quoted_stays_quoted() -> None:
    assert identifier("amount").sql() == "amount"
    assert identifier("amount", quoted=True).sql() == '"amount"'
