"""Answers are kept as long as data and model stay as they are, asked for once however many ask, and refused beyond a bound."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine import QueryError, load_model, open_database
from engine.model.model import Keeping, Limits
from server.service import Busy, Caller, FixedModel, Models, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Self

    from engine import Database, Model, Result
    from engine.execute.database import Fetched, Parameters

pytestmark = pytest.mark.anyio

MODEL_TEXT = """
cubes:
  - name: bugs
    sql_table: bugs
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: severity, sql: severity, type: string}
      - {name: found_at, sql: found_at, type: time}
    measures:
      - {name: bug_count, type: count}
    access_policy:
      - group: "*"
        row_level:
          filters:
            - {member: owner, operator: equals, values: ["{ security_context.customer_id }"]}
"""
MODEL_TEXT = MODEL_TEXT.replace(
    "      - {name: severity,", "      - {name: owner, sql: customer_id, type: number}\n      - {name: severity,"
)
COUNT: dict[str, Any] = {"measures": ["bugs.bug_count"]}
ONE, TWO = Caller({"customer_id": 1}, "one"), Caller({"customer_id": 2}, "two")


class Slow:
    """A database that answers when it is let, and counts what it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect, self.url = database.dialect, database.url
        self.open = asyncio.Event()
        self.open.set()
        self.asked = 0
        self.stopped = 0

    async def fetch(
        self, sql: str, parameters: Parameters, *, timeout: float | None = None, max_rows: int | None = None
    ) -> Fetched:
        self.asked += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return await self._database.fetch(sql, parameters, timeout=timeout, max_rows=max_rows)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    file = tmp_path / "model.yml"
    file.write_text(MODEL_TEXT)
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "bugs.sqlite"
    run(file, "CREATE TABLE bugs (id INTEGER PRIMARY KEY, customer_id INTEGER, severity TEXT, found_at TEXT)")
    run(file, "INSERT INTO bugs VALUES (1, 1, 'high', '2025-01-01'), (2, 1, 'low', '2025-02-01'), (3, 2, 'low', NULL)")
    return file


@pytest.fixture
def model(model_file: Path) -> Model:
    return load_model(model_file)


@pytest.fixture
async def slow(data: Path) -> AsyncIterator[Slow]:
    async with open_database(str(data)) as database:
        yield Slow(database)


def run(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(sql)


def serving(model: Model, database: Database, **settings: Any) -> Service:
    return Service(FixedModel(replace(model, settings=replace(model.settings, **settings))), database)


async def count(service: Service, caller: Caller = ONE, **options: Any) -> tuple[int, bool]:
    answered = await service.answer(COUNT, caller, **options)
    return answered.result.rows[0][0], answered.hit


async def test_a_second_answer_is_the_kept_one_and_says_so(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    assert await count(service) == (2, False)
    asked = slow.asked
    assert await count(service) == (2, True)
    assert slow.asked == asked
    told = (await service.answer(COUNT, ONE)).as_dict()["cache"]
    assert told["hit"] is True
    assert told["kept_for_seconds"] == 300
    assert await count(service, fresh=True) == (2, False)


async def test_the_same_question_written_otherwise_is_the_same_question(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    flat = {"metrics": ["bugs.bug_count"], "filters": {"bugs.severity": "low"}}
    cube = {**COUNT, "filters": [{"member": "bugs.severity", "operator": "equals", "values": ["low"]}]}
    await service.answer(flat, ONE)
    assert (await service.answer(dict(reversed(flat.items())), ONE)).hit
    other = await service.answer({**cube, "filters": [{**cube["filters"][0], "values": ["high"]}]}, ONE)
    assert not other.hit
    assert other.result.rows == ((1,),)


async def test_nobody_gets_what_was_kept_for_another(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    assert await count(service, ONE) == (2, False)
    assert await count(service, TWO) == (1, False)
    assert await count(service, ONE) == (2, True)
    with pytest.raises(QueryError, match="customer_id"):
        await count(service, Caller())
    assert await count(service, Caller({"customer_id": 2, "name": "also two"})) == (1, True)


async def test_values_in_another_order_are_another_question(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    between = {**COUNT, "filters": [{"member": "bugs.id", "operator": op, "values": [value]}
                                    for op, value in (("gt", 1), ("lt", 3))]}  # fmt: skip
    swapped = {**COUNT, "filters": [{"member": "bugs.id", "operator": op, "values": [value]}
                                    for op, value in (("gt", 3), ("lt", 1))]}  # fmt: skip
    assert (await service.answer(between, ONE)).result.rows == ((1,),)
    assert (await service.answer(swapped, ONE)).result.rows == ((0,),)


async def test_a_commit_of_anyone_ends_what_was_kept(model: Model, slow: Slow, data: Path) -> None:
    service = serving(model, slow)
    assert await count(service) == (2, False)
    run(data, "INSERT INTO bugs VALUES (4, 1, 'low', NULL)")
    assert await count(service) == (3, False)
    assert await count(service) == (3, True)
    service.close()


async def test_answers_from_before_a_commit_are_not_kept_for_after_it(model: Model, slow: Slow, data: Path) -> None:
    service = serving(model, slow)
    slow.open.clear()
    early = asyncio.create_task(count(service))
    while not slow.asked:
        await asyncio.sleep(0)
    run(data, "DELETE FROM bugs WHERE id = 1")
    late = asyncio.create_task(count(service))
    await asyncio.sleep(0)
    slow.open.set()
    await early
    assert await late == (1, False), "it was asked after the commit, so it does not join the flight from before"
    assert await count(service) == (1, True)


async def test_relative_dates_are_another_question_on_another_day(model: Model, slow: Slow) -> None:
    from datetime import UTC, datetime

    service = serving(model, slow)
    question = {**COUNT, "timeDimensions": [{"dimension": "bugs.found_at", "dateRange": "last month"}]}
    february, march = datetime(2025, 2, 10, tzinfo=UTC), datetime(2025, 3, 10, tzinfo=UTC)
    assert (await service.answer(question, ONE, now=february)).result.rows == ((1,),)
    assert not (await service.answer(question, ONE, now=march)).hit
    assert (await service.answer(question, ONE, now=march.replace(day=20))).hit


async def test_equal_questions_at_once_are_asked_once(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    slow.open.clear()
    askers = [asyncio.create_task(count(service)) for _ in range(20)]
    await asyncio.sleep(0.01)
    asked = slow.asked
    slow.open.set()
    assert await asyncio.gather(*askers) == [(2, False)] * 20
    assert slow.asked == asked == 1


async def test_who_leaves_does_not_disturb_the_others_and_the_last_one_stops_it(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    slow.open.clear()
    first, second = (asyncio.create_task(count(service)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert slow.stopped == 0
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert slow.stopped == 1
    slow.open.set()
    assert await count(service) == (2, False)
    assert service.gate.running == 0


async def test_a_refusal_reaches_everyone_and_is_not_kept(model: Model, slow: Slow, data: Path) -> None:
    service = serving(model, slow)
    run(data, "ALTER TABLE bugs RENAME TO gone")
    outcomes = await asyncio.gather(*(count(service) for _ in range(3)), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["DatabaseError"] * 3
    run(data, "ALTER TABLE gone RENAME TO bugs")
    assert await count(service) == (2, False)


async def test_beyond_the_bound_a_query_is_refused_with_the_time_to_come_again(model: Model, slow: Slow) -> None:
    service = serving(model, slow, limits=Limits(running=1, waiting=1))
    slow.open.clear()
    waits: list[str] = []
    tasks = [
        asyncio.create_task(service.answer({**COUNT, "limit": limit}, ONE, watch=waits.append)) for limit in (1, 2)
    ]
    await asyncio.sleep(0.01)
    with pytest.raises(Busy) as refused:
        await service.answer({**COUNT, "limit": 3}, ONE)
    assert refused.value.retry_after >= 1
    slow.open.set()
    await asyncio.gather(*tasks)
    assert waits == ["asking the database", "waiting for a turn; before it come 0", "asking the database"]
    assert (await service.answer({**COUNT, "limit": 3}, ONE)).result.rows == ((2,),)


async def test_old_answers_go_and_memory_is_bounded(model: Model, slow: Slow) -> None:
    never = serving(model, slow, cache=Keeping(seconds=0))
    assert await count(never) == (2, False)
    assert await count(never) == (2, False)
    small = serving(model, slow, cache=Keeping(megabytes=0.02))
    for limit in range(1, 20):
        await small.answer({**COUNT, "limit": limit}, ONE)
    assert 0 < len(small.cache) < 19
    assert (await small.answer({**COUNT, "limit": 19}, ONE)).hit
    assert not (await small.answer({**COUNT, "limit": 1}, ONE)).hit


async def test_a_form_is_written_once(model: Model, slow: Slow) -> None:
    service = serving(model, slow)
    written: list[Result] = []

    def csv(result: Result) -> bytes:
        written.append(result)
        return b"2"

    for _ in range(3):
        answered = await service.answer(COUNT, ONE)
        assert answered.written("csv", csv) == b"2"
    assert len(written) == 1


async def test_a_changed_model_is_read_again_and_a_wrong_one_is_not(
    model_file: Path, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    moment = 0.0
    models = Models(model_file, clock=lambda: moment)
    service = Service(models, slow)
    told: list[Model] = []
    models.changed.append(told.append)
    await count(service)
    model_file.write_text(MODEL_TEXT.replace("bug_count", "bugs_found"))
    moment += 2
    with pytest.raises(QueryError, match="bugs_found"):
        await count(service)
    assert len(told) == 1
    model_file.write_text("cubes: [{name: 7}]")
    moment += 2
    answered = await service.answer({"measures": ["bugs.bugs_found"]}, ONE)
    assert answered.result.rows == ((2,),)
    assert models.trouble is not None
    assert "served as it was before" in caplog.text


async def test_what_a_model_is_warned_of_is_logged_at_the_start_and_when_it_is_read_again(
    model_file: Path, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    def warned() -> list[str]:
        return [each.issue["code"] for each in caplog.records if hasattr(each, "issue")]

    divided = "      - {name: share, sql: 'id / 2', type: sum}\n"
    text = MODEL_TEXT.replace("    measures:\n", f"    measures:\n{divided}", 1)
    assert divided in text
    model_file.write_text(text)
    moment = 0.0
    models = Models(model_file, clock=lambda: moment)
    assert warned() == ["W_DIVISION"]
    assert "model.yml:" in caplog.text
    service = Service(models, slow)
    await count(service)
    assert warned() == ["W_DIVISION"]
    model_file.write_text(text + "\n# Changed.\n")
    moment += 2
    await count(service)
    assert warned() == ["W_DIVISION", "W_DIVISION"]


def test_of_very_many_warnings_some_are_logged_and_the_rest_is_counted(
    model_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    divided = "".join(f"      - {{name: share_{number}, sql: 'id / 2', type: sum}}\n" for number in range(33))
    model_file.write_text(MODEL_TEXT.replace("    measures:\n", f"    measures:\n{divided}", 1))
    Models(model_file)
    assert sum(hasattr(each, "issue") for each in caplog.records) == 20
    assert caplog.records[-1].getMessage() == "The model has 13 more warnings: `metric-cube check` tells them."
