"""Anybody may ask whether the server can answer, and the database is not asked more often for it."""

from __future__ import annotations

import asyncio

import pytest

from engine import DatabaseError, Issue
from server.http.health import Probe

pytestmark = pytest.mark.anyio


class Asked:
    """A database that counts what it is asked, and answers when it is let."""

    def __init__(self) -> None:
        self.times = 0
        self.is_down = False
        self.open = asyncio.Event()

    async def fetch(self, *_: object, **__: object) -> None:
        self.times += 1
        await self.open.wait()
        if self.is_down:
            raise DatabaseError(Issue("E_DATABASE_UNREACHABLE", "No way to db.internal."))


async def test_many_who_ask_are_one_question_a_second_and_trouble_and_its_end_are_seen() -> None:
    moment = 0.0
    database = Asked()
    probe = Probe(database, lambda: moment)  # type: ignore[arg-type]  # as much of a database as is used
    asking = [asyncio.create_task(probe.issues()) for _ in range(20)]
    await asyncio.sleep(0.01)
    database.open.set()
    assert await asyncio.gather(*asking) == [[]] * 20
    assert await probe.issues() == []
    assert database.times == 1
    database.is_down, moment = True, 1.0
    (issue,) = await probe.issues()
    assert (issue.code, "internal" in issue.message) == ("E_DATABASE_UNREACHABLE", False)
    database.is_down, moment = False, 1.9
    assert await probe.issues() == [issue]
    moment = 2.0
    assert await probe.issues() == []
    assert database.times == 3
