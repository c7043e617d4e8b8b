"""The version of data in PostgreSQL moves with every commit, and with nothing else; a server that is gone has none."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from engine import DatabaseError, open_database
from engine.errors import Issue
from engine.execute.database import Fetched
from server.service.versions import OfPostgres, Unknown, data_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

pytestmark = pytest.mark.anyio

URL = os.environ.get("METRIC_CUBE_TEST_POSTGRES", "")


class Server:
    """A server that says which transactions can be seen, or refuses."""

    dialect, url = "postgres", "postgresql://db.example/cube"

    def __init__(self) -> None:
        self.snapshot: str | None = "10:10:"
        self.asked = 0

    async def fetch(self, *_: Any, **__: Any) -> Fetched:
        self.asked += 1
        if self.snapshot is None:
            raise DatabaseError(Issue("E_DATABASE_UNREACHABLE", "It is gone."))
        return Fetched(("snapshot",), ((self.snapshot,),), 0.0)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


async def test_the_version_is_what_the_server_said_last() -> None:
    server = Server()
    with closing(OfPostgres(server, seconds=0.01)) as version:
        assert version.now() is None, "nobody was asked yet"
        await until(lambda: version.now() == "10:10:")
        server.snapshot = "10:12:10"
        await until(lambda: version.now() == "10:12:10")
        server.snapshot = None
        await until(lambda: version.now() is None)


async def test_the_server_is_asked_only_while_somebody_wants_to_know() -> None:
    server = Server()
    with closing(OfPostgres(server, seconds=0.01, idle_seconds=0.05)) as version:
        version.now()
        await until(lambda: server.asked > 1)
        await asyncio.sleep(0.2)
        asked = server.asked
        await asyncio.sleep(0.05)
        assert server.asked == asked
        assert version.now() is None, "what was known is old by now"
        await until(lambda: version.now() is not None)


async def test_a_server_of_another_kind_has_none() -> None:
    server = Server()
    server.dialect = "snowflake"
    assert isinstance(data_version(server), Unknown)


@pytest.mark.skipif(not URL, reason="METRIC_CUBE_TEST_POSTGRES is not set")
async def test_a_commit_moves_it_and_a_question_does_not() -> None:
    async with open_database(URL, read_only=False) as writer, open_database(URL) as reader:
        with closing(OfPostgres(reader, seconds=0.01)) as version:
            await until(lambda: version.now() is not None)

            async def asking_leaves_it() -> bool:
                before = version.now()
                for _ in range(5):
                    await reader.fetch("SELECT count(*) FROM pg_class", ())
                await asyncio.sleep(0.1)
                return version.now() == before

            for _ in range(50):  # other tests commit to other databases of the server, which moves it too
                if await asking_leaves_it():
                    break
            else:
                pytest.fail("each question moved it")
            before = version.now()
            await writer.fetch("CREATE TABLE of_versions AS SELECT 1 AS one", ())
            try:
                await until(lambda: version.now() != before)
            finally:
                await writer.fetch("DROP TABLE of_versions", ())
