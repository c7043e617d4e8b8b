"""On random models, rows and queries the engine answers what the brute-force evaluator answers, or refuses too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from engine.errors import EngineError
from tests.engine.asking import Answer, Asker, random_cases, report, same
from tests.oracle.database import DIALECTS, Dialect
from tests.oracle.evaluator import evaluate
from tests.oracle.paths import Refused
from tests.oracle.strategies import Case, cases

if TYPE_CHECKING:
    from tests.oracle.model import Query, Row

Codes = frozenset[str]


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker()


@random_cases()
@given(case=cases())
def test_the_engine_agrees_with_the_evaluator(asker: Asker, case: Case) -> None:
    for query in case.queries:
        expected = evaluated(case, query)
        for dialect in DIALECTS:
            answer = answered(asker, case, query, dialect)
            assert agree(answer, expected), report(expected, answer)


def evaluated(case: Case, query: Query) -> list[Row] | Codes:
    try:
        return evaluate(case.model, case.data, query, case.security)
    except Refused as refused:
        return refused.codes


def answered(asker: Asker, case: Case, query: Query, dialect: Dialect) -> Answer | EngineError:
    try:
        return asker.ask(case.model, case.data, query, dialect, case.security)
    except EngineError as error:
        return error


def agree(answer: Answer | EngineError, expected: list[Row] | Codes) -> bool:
    """Whether both give the same rows in the same order, or refuse for a reason in common."""
    if isinstance(answer, EngineError):
        return isinstance(expected, frozenset) and bool(expected & {issue.code for issue in answer.issues})
    return same(answer.rows, expected)
