"""On random models, rows and queries the engine answers what the brute-force evaluator answers, or refuses too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from engine.errors import EngineError
from tests.engine.asking import Answer, Asker, random_cases, report, same
from tests.oracle.answers import Whole, answer
from tests.oracle.database import DIALECTS, POSTGRES_URL, Dialect
from tests.oracle.names import resolve
from tests.oracle.paths import Refused
from tests.oracle.strategies import Case, cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle.model import Query, Row

Codes = frozenset[str]


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker()


@random_cases()
@given(case=cases())
def test_the_engine_agrees_with_the_evaluator(asker: Asker, case: Case) -> None:
    _agree_on(DIALECTS, asker, case)


@pytest.mark.skipif(not POSTGRES_URL, reason="METRIC_CUBE_TEST_POSTGRES is not set")
@random_cases(4)
@given(case=cases())
def test_the_engine_agrees_with_the_evaluator_on_postgresql(asker: Asker, case: Case) -> None:
    _agree_on(("postgres",), asker, case)


def _agree_on(dialects: Sequence[Dialect], asker: Asker, case: Case) -> None:
    for query in case.queries:
        expected = evaluated(case, query)
        for dialect in dialects:
            got = answered(asker, case, query, dialect)
            assert agree(got, expected, in_order=is_ordered(case, query)), report(expected, got)


def evaluated(case: Case, query: Query) -> Whole | Codes:
    try:
        return answer(case.model, case.data, query, case.security)
    except Refused as refused:
        return refused.codes


def answered(asker: Asker, case: Case, query: Query, dialect: Dialect) -> Answer | EngineError:
    """The engine's answer: of one statement, unless the query asks for what takes several."""
    compared = any("compareDateRange" in each for each in query.get("timeDimensions", ()))
    ask = asker.whole if compared or query.get("total") or query.get("totals") else asker.ask
    try:
        return ask(case.model, case.data, query, dialect, case.security)
    except EngineError as error:
        return error


def is_ordered(case: Case, query: Query) -> bool:
    """Whether the order of the rows is certain: of ungrouped ones only where the key of their home is shown."""
    if not query.get("ungrouped"):
        return True
    home = case.model.cube(resolve(case.model, query["measures"][0]).owner)
    keys = {f"{home.name}.{each.name}" for each in home.dimensions if each.primary_key}
    return bool(keys) and keys <= set(query["dimensions"])


def agree(got: Answer | EngineError, expected: Whole | Codes, *, in_order: bool = True) -> bool:
    """Whether both give the same rows in the same order, or refuse for a reason in common."""
    if isinstance(got, EngineError) or isinstance(expected, frozenset):
        codes = {issue.code for issue in got.issues} if isinstance(got, EngineError) else set()
        return isinstance(expected, frozenset) and bool(expected & codes)
    rows = got.rows if in_order else matched(got.rows, expected.rows)
    return same(rows, expected.rows) and got.total == expected.total and same(got.totals, expected.totals)


def matched(rows: list[Row], order: list[Row]) -> list[Row]:
    """Rows in the order of those that they equal, with what equals none at the end."""
    left = list(rows)
    found = [
        left.pop(at)
        for each in order
        if (at := next((n for n, row in enumerate(left) if same(row, each)), None)) is not None
    ]
    return [*found, *left]
