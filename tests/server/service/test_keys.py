"""Keys of questions: equal for whom an answer is equal, and for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine import QueryError, load_model
from engine.query.parser import parse_query
from server.service.keys import Key, Keys, this_second
from tests.server.http.guarded import MODEL

if TYPE_CHECKING:
    from pathlib import Path

    from engine import Model

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE: dict[str, Any] = {"customer_id": 1}


@pytest.fixture
def model(tmp_path: Path) -> Model:
    (tmp_path / "model.yml").write_text(MODEL, encoding="utf-8")
    return load_model(tmp_path / "model.yml")


def heavier(value: Any) -> dict[str, Any]:
    filters = [{"member": "bugs.weight", "operator": "gt", "values": [value]}]
    return {"measures": ["bugs.bug_count"], "filters": filters}


def test_whoever_asks_the_same_has_the_same_key(model: Model) -> None:
    keys = Keys()
    first = keys.of(heavier(1), model, ONE, NOW)
    assert keys.of(heavier(1), model, dict(ONE), NOW) is first
    assert keys.of(parse_query(heavier(1)), model, ONE, NOW) == first
    assert keys.of(heavier(1), model, ONE, NOW + timedelta(seconds=1)) is first
    assert Keys().of(heavier(1), model, ONE, NOW) == first


@pytest.mark.parametrize("other", [2, "1.5", 10**20])
def test_another_question_has_another_key(model: Model, other: Any) -> None:
    keys = Keys()
    assert keys.of(heavier(1), model, ONE, NOW) != keys.of(heavier(other), model, ONE, NOW)


def test_another_caller_has_another_key(model: Model) -> None:
    keys = Keys()
    first = keys.of(heavier(1), model, ONE, NOW)
    for other in ({"customer_id": 2}, {"customer_id": [1, 2]}, {"customer_id": None}, {}):
        assert keys.of(heavier(1), model, other, NOW) != first
    assert keys.of(heavier(1), model, ONE, NOW) is first


def test_a_question_that_cannot_be_answered_is_refused_each_time(model: Model) -> None:
    keys = Keys()
    for _ in range(2):
        with pytest.raises(QueryError):
            keys.of({"measures": ["bugs.none"]}, model, ONE, NOW)


def test_what_cannot_be_written_is_worked_out_each_time(model: Model) -> None:
    keys = Keys()
    moment = {"measures": ["bugs.bug_count"], "limit": object()}
    with pytest.raises(QueryError):
        keys.of(moment, model, ONE, NOW)
    assert not keys._found


def test_keys_of_equal_hash_are_compared_by_what_they_hold() -> None:
    assert Key((-1,)) != Key((-2,))
    assert Key(("a", 1)) == Key(("a", 1))
    assert Key(1) != 1


def test_now_is_told_to_the_second() -> None:
    assert this_second().microsecond == 0
    assert this_second().tzinfo is UTC
