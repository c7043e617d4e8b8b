"""Names that a database keeps for itself are written in quotes, so that a model may use any."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest

from engine.sql.names import identifier, needs_quotes

WORDS = [word for (word,) in duckdb.execute("SELECT keyword_name FROM duckdb_keywords() ORDER BY 1").fetchall()]
"""DuckDB's keywords are PostgreSQL's and more; SQLite's are among them."""

NEVER_ON_SQLITE = {"true", "false"}
"""SQLite before 3.41 takes them for constants even in quotes, where they name a column of a subquery."""

FORMS = (
    "SELECT t.{name} AS {name}, MAX(t.{name}) FROM (SELECT 1 AS {name}) AS t GROUP BY 1 ORDER BY {name}",
    "WITH {name} AS (SELECT 1 AS a) SELECT {name}.a FROM {name}",
    "SELECT {name} FROM (SELECT 1 AS {name}) AS t",
)


@pytest.mark.parametrize("word", WORDS)
def test_every_keyword_can_be_the_name_of_a_column_and_of_a_table(word: str) -> None:
    light, duck = sqlite3.connect(":memory:"), duckdb.connect()
    for form in FORMS:
        if word not in NEVER_ON_SQLITE:
            light.execute(form.format(name=identifier(word).sql("sqlite"))).fetchall()
        duck.execute(form.format(name=identifier(word).sql("duckdb"))).fetchall()
    light.close()


@pytest.mark.parametrize("name", ["a b", "1a", "ä", 'a"b', "a.b", "", "Order", "WITH"])
def test_what_is_no_plain_word_is_quoted(name: str) -> None:
    assert needs_quotes(name)


def test_a_name_that_the_analyst_quoted_stays_quoted() -> None:
    assert identifier("amount").sql() == "amount"
    assert identifier("amount", quoted=True).sql() == '"amount"'
