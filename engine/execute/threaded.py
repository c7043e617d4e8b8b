"""Databases whose drivers block: each statement runs in a thread, and can be stopped from outside.

`asyncio` cannot stop a thread, and waiting for one to end keeps the caller as long as the statement takes. So a caller
who gives up (time-out or cancellation) leaves at once, and the statement is interrupted in the database until it ends.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from engine.errors import DatabaseError
from engine.execute.database import Fetched, Parameters
from engine.execute.refusals import timed_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from engine.errors import Issue

__all__ = ["Driver", "ThreadedDatabase", "take"]

_INSIST_SECONDS: Final = 0.05
"""An interruption is lost on a statement that has not begun, so it is repeated."""


class Session(Protocol):
    """A connection of a driver, used by one thread at a time."""

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


SessionT = TypeVar("SessionT", bound=Session)


@dataclass(frozen=True, slots=True)
class Driver(Generic[SessionT]):
    """What differs from one blocking driver to the next.

    `run` gives the columns, the rows and whether there were more. `failures` are the errors that mean a refusal, which
    `explain` puts into words. `identity` tells which file is meant now: a session is used again if it is `current`, by what that
    told before it was opened and tells now.
    """

    dialect: str
    url: str
    sessions: int
    connect: Callable[[], SessionT]
    run: Callable[[SessionT, str, Parameters, int | None], tuple[tuple[str, ...], list[Any], bool]]
    failures: tuple[type[Exception], ...]
    explain: Callable[[Exception], Issue]
    identity: Callable[[], object]
    current: Callable[[SessionT, Any, Any], bool]
    close: Callable[[], None]


class _Job:
    """One statement on its way through a thread; the lock keeps an interruption from hitting the next statement."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._stopped = False

    def begin(self, session: Session) -> bool:
        """Whether the statement is still wanted; from now on it can be interrupted."""
        with self._lock:
            self._session = session
            return not self._stopped

    def end(self) -> None:
        with self._lock:
            self._session = None

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._session is not None:
                self._session.interrupt()


class ThreadedDatabase(Generic[SessionT]):
    """A database behind a blocking driver, with one thread for each session; further statements wait for their turn."""

    def __init__(self, driver: Driver[SessionT]) -> None:
        self.dialect = driver.dialect
        self.url = driver.url
        self._driver = driver
        self._idle: deque[tuple[object, SessionT]] = deque()
        self._jobs: set[_Job] = set()
        self._executor = ThreadPoolExecutor(driver.sessions, thread_name_prefix=f"metric-cube-{driver.dialect}")

    async def fetch(
        self, sql: str, parameters: Parameters, *, timeout: float | None = None, max_rows: int | None = None
    ) -> Fetched:
        """Run one statement; see `Database.fetch`."""
        job = _Job()
        work = self._executor.submit(self._run, job, sql, parameters, max_rows)
        self._jobs.add(job)
        work.add_done_callback(lambda _: self._jobs.discard(job))
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.wrap_future(work)
        except TimeoutError:
            raise timed_out(timeout or 0) from None
        finally:
            if not work.done():
                self._insist(job)

    async def close(self) -> None:
        """Stop what runs and close all sessions."""
        for job in tuple(self._jobs):
            self._insist(job)
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)
        while self._idle:
            self._idle.pop()[1].close()
        self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _insist(self, job: _Job) -> None:
        if job in self._jobs:
            job.stop()
            asyncio.get_running_loop().call_later(_INSIST_SECONDS, self._insist, job)

    def _run(self, job: _Job, sql: str, parameters: Parameters, max_rows: int | None) -> Fetched:
        try:
            identity, session = self._session()
            try:
                return self._driven(job, session, sql, parameters, max_rows)
            finally:
                job.end()
                self._idle.append((identity, session))
        except self._driver.failures as error:
            raise DatabaseError(self._driver.explain(error)) from error

    def _driven(self, job: _Job, session: SessionT, sql: str, parameters: Parameters, max_rows: int | None) -> Fetched:
        if not job.begin(session):
            return Fetched((), (), 0.0, cut=True)
        begin = time.perf_counter()
        columns, rows, cut = self._driver.run(session, sql, parameters, max_rows)
        return Fetched(columns, tuple(rows), time.perf_counter() - begin, cut)

    def _session(self) -> tuple[object, SessionT]:
        identity = self._driver.identity()
        while True:
            try:
                opened_on, session = self._idle.pop()
            except IndexError:
                return identity, self._driver.connect()
            if self._driver.current(session, opened_on, identity):
                return opened_on, session
            session.close()


def take(cursor: Any, max_rows: int | None) -> tuple[tuple[str, ...], list[Any], bool]:
    """Columns and rows of a cursor of the DB-API, and whether there were more than `max_rows`."""
    columns = tuple(column[0] for column in cursor.description or ())
    if max_rows is None:
        return columns, cursor.fetchall(), False
    rows = cursor.fetchmany(max_rows + 1)
    return columns, rows[:max_rows], len(rows) > max_rows
