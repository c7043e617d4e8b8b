"""Asks the TestIO API, a bounded number of calls at a time, and asks again when an answer fails to come whole.

Neither a log line nor an error ever holds the token: messages name the route only.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import httpx
import msgspec

from ingest.errors import ApiError, ApiFault, ApiMissing, ApiRefused, ApiTimeout, ApiUnreachable, Interrupted
from ingest.fields import read_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from ingest.settings import SyncSettings

LOG = logging.getLogger(__name__)

LONG_PAUSE_SECONDS = 2.0
"""A pause that somebody who looks on is told of."""

Answer = TypeVar("Answer")

DOWN_AFTER = 40
"""Failures in a row, over all calls, after which the API counts as down and is not asked again in this run."""

TIMEOUT_STATUSES = frozenset({408, 504, 524})
"""The gateway gave up on the service behind it; 524 is its own invention for that."""


@dataclass(frozen=True, slots=True)
class _Call(Generic[Answer]):
    """What is asked for, the one key of its answer, and what reads what stands there from the answer's JSON."""

    route: str
    root: str
    parameters: Mapping[str, str | int]
    read: Callable[[bytes, str], Answer]


class _TryAgain(Exception):
    """This answer failed and may succeed later; `pause` is what the service asked for, in seconds."""

    def __init__(self, error: ApiError, pause: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.pause = pause


class Client:
    """The API as an async context manager; `calls` counts what was sent by kind: calls and retries.

    After `stop`, calls under way and all later ones raise `Interrupted`. Long pauses are told to `note`, each once.
    """

    def __init__(self, settings: SyncSettings, note: Callable[[str], None] | None = None) -> None:
        self.settings = settings
        self._note = note
        self._noted = ""
        self._stopped = asyncio.Event()
        self._under_way: set[asyncio.Task[httpx.Response]] = set()
        self.calls: Counter[str] = Counter()
        self._open_at = 0.0
        self._failures_in_a_row = 0
        self._random = random.Random()  # noqa: S311 (jitter, not secrets)
        # Certificates take longer to load than a call takes; without TLS, and redirects are not followed, none is looked at.
        self._verify = httpx.create_ssl_context() if settings.api_url.startswith("https:") else False
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._idle: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._idle:
            await connection.aclose()

    def stop(self) -> None:
        """Give up what is under way; to be called from the event loop."""
        self._stopped.set()
        for request in self._under_way:
            request.cancel()

    async def fetch(
        self,
        route: str,
        root: str,
        parameters: Mapping[str, str | int] | None = None,
        *,
        attempts: int = 0,
        repeat_timeouts: bool = True,
        read: Callable[[bytes, str], Answer] = read_value,
    ) -> Answer:
        """What the answer holds under its one key `root`, as `read` gives it; `attempts` overrides the setting.

        Raises the kind of `ApiError` that the last attempt met. A refused token, a missing resource and other answers
        that say the call itself is wrong are not asked again.
        """
        call = _Call(route, root, parameters or {}, read)
        most = attempts or self.settings.attempts
        for attempt in range(1, most + 1):
            try:
                return await self._attempt(call)
            except _TryAgain as failure:
                pause = self._pause(attempt, failure)
                hopeless = isinstance(failure.error, ApiTimeout) and not repeat_timeouts
                if attempt == most or hopeless or pause > self.settings.longest_pause_seconds:
                    raise failure.error from failure.__cause__
                LOG.info("%s Attempt %d of %d; again in %.1f s.", failure.error.message, attempt, most, pause)
                self._tell(f"{failure.error.message} Asking again in {pause:.0f} s.", pause)
            self.calls["retries"] += 1
            await self._sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _pause(self, attempt: int, failure: _TryAgain) -> float:
        """Seconds until the next attempt; a pause that the service asked for holds for all calls."""
        if failure.pause is not None:
            if failure.pause <= self.settings.longest_pause_seconds:
                self._open_at = max(self._open_at, time.monotonic() + failure.pause)
            return failure.pause
        growth: int = 2 ** (attempt - 1)
        return self.settings.backoff_seconds * growth * self._random.uniform(0.5, 1.5)

    def _tell(self, text: str, pause: float) -> None:
        if self._note and pause >= LONG_PAUSE_SECONDS and text != self._noted:
            self._noted = text
            self._note(text)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()

    async def _attempt(self, call: _Call[Answer]) -> Answer:
        async with self._slots:
            await self._sleep(max(0.0, self._open_at - time.monotonic()))
            if self._stopped.is_set():
                raise Interrupted("The sync was stopped.", hint="The next one goes on where it stopped.")
            if self._failures_in_a_row >= DOWN_AFTER:
                message = f"The API has failed {DOWN_AFTER} times in a row and counts as down."
                raise ApiUnreachable(message, hint="Run the sync again later; it goes on where it stopped.")
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                answer = await self._send(call, connection)
            except _TryAgain:
                self._failures_in_a_row += 1
                raise
            finally:
                self._idle.append(connection)
            self._failures_in_a_row = 0
            return answer

    def _connect(self) -> httpx.AsyncClient:
        """A connection for one call at a time: a pool of many looks at each of them with every call."""
        return httpx.AsyncClient(
            base_url=self.settings.api_url.rstrip("/") + "/",
            headers={"Authorization": f"Token {self.settings.token}", "Accept": "application/json"},
            timeout=self.settings.timeout_seconds,
            verify=self._verify,
        )

    async def _send(self, call: _Call[Answer], connection: httpx.AsyncClient) -> Answer:
        self.calls["calls"] += 1
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                response = await self._request(connection, call)
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout) as error:
            limit = self.settings.timeout_seconds
            raise _TryAgain(ApiTimeout(f"The API did not answer {call.route} within {limit:g} s.")) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _TryAgain(self._unreachable(error)) from error
        except httpx.HTTPError as error:
            raise _TryAgain(ApiFault(f"The API broke off its answer to {call.route}.")) from error
        return read_answer(response, call, self.settings.token_place)

    async def _request(self, connection: httpx.AsyncClient, call: _Call[Answer]) -> httpx.Response:
        request = asyncio.create_task(connection.get(call.route, params=call.parameters))
        self._under_way.add(request)
        try:
            return await request
        except asyncio.CancelledError:
            request.cancel()
            if self._stopped.is_set():
                raise Interrupted("The sync was stopped.", hint="The next one goes on where it stopped.") from None
            raise
        finally:
            self._under_way.discard(request)

    def _unreachable(self, error: httpx.HTTPError) -> ApiUnreachable:
        message = f"The API at {httpx.URL(self.settings.api_url).host} cannot be reached: {error}."
        return ApiUnreachable(message, hint="Check TESTIO_API_URL and the network, then run the sync again.")


def read_answer(response: httpx.Response, call: _Call[Answer], token_place: str) -> Answer:
    """What a response holds under its root key; the statuses and bodies that are no answer are raised.

    Who is refused is told the place where the token stands.
    """
    status, route = response.status_code, call.route
    if status in (401, 403):
        message = f"The API does not accept the token (HTTP {status})."
        raise ApiRefused(message, hint=f"Check {token_place}, where it stands.")
    if status == 404:
        raise ApiMissing(f"The API knows no {route} (HTTP 404).", hint="Check TESTIO_API_URL if this holds for all.")
    if status in TIMEOUT_STATUSES:
        raise _TryAgain(ApiTimeout(f"The API ran out of time on {route} (HTTP {status})."))
    if status == 429:
        pause = retry_after(response)
        of_length = "" if pause is None else f" of {pause:.0f} s"
        raise _TryAgain(ApiFault(f"The API asks for a pause{of_length} on {route} (HTTP 429)."), pause)
    if status >= 500:
        raise _TryAgain(ApiFault(f"The API failed on {route} (HTTP {status})."), retry_after(response))
    if status != 200:
        raise ApiFault(
            f"The API answered {route} with HTTP {status}, which is no answer.", hint="Check TESTIO_API_URL."
        )
    try:
        return call.read(response.content, call.root)
    except msgspec.ValidationError as error:
        raise _TryAgain(ApiFault(f'The API\'s answer to {route} has no "{call.root}".')) from error
    except ValueError as error:
        raise _TryAgain(ApiFault(f"The API's answer to {route} is not JSON.")) from error


def retry_after(response: httpx.Response) -> float | None:
    """The pause in seconds that a response asks for, given as seconds or as an HTTP date; None if it asks for none."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
