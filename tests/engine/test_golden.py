"""The SQL of typical questions is what the golden files say, and answers what SQL written by hand answers."""

from __future__ import annotations

import pytest
import sqlglot

from tests.engine.golden_files import DIALECTS, Golden, goldens, told
from tests.oracle.database import DIALECTS as EMBEDDED
from tests.oracle.database import Dialect

GOLDENS = goldens()

every_golden = pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.path.stem)


@every_golden
def test_the_sql_is_the_one_expected(golden: Golden, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("golden"):
        golden.path.write_text(golden.rewritten(), encoding="utf-8")
        return
    for dialect in DIALECTS:
        _, sql = golden.expected(dialect)
        assert told(golden.statement(dialect))[1] == sql, (
            f"{golden.path} ({dialect}); if that is right, run `make golden`"
        )
    assert told(golden.statement("sqlite")) == golden.expected("sqlite")


@pytest.mark.parametrize("dialect", EMBEDDED)
@every_golden
def test_the_rows_are_those_of_the_check_query(golden: Golden, dialect: Dialect) -> None:
    statement = golden.statement(dialect)
    expected = golden.world.select(golden.check, statement, dialect)
    assert golden.world.run(statement, dialect) == expected, statement.sql


@every_golden
def test_the_sql_can_be_read_back(golden: Golden) -> None:
    for dialect in DIALECTS:
        sqlglot.parse_one(golden.statement(dialect).sql, dialect=dialect)


def test_every_golden_file_says_what_it_is_about() -> None:
    assert [golden.path.name for golden in GOLDENS if not golden.asked.get("about")] == []
