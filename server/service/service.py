"""The service: every door asks it, and none asks the engine for numbers by itself.

    question -> its key -> cached? -> under way? -> a turn -> the engine -> kept

The key of a question is what it was resolved to, with the values that policies put in, what is hidden from the caller, and the
version of the data: two callers share an answer only if the database would be asked the same for both and both may see the same
members, and nobody gets one from before a change.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine import EngineError, capabilities, compile_query, explain_query, run_query
from server.service.cache import ResultCache
from server.service.flights import Flights
from server.service.gate import Gate
from server.service.keys import Key, Keys, this_second
from server.service.statistics import Statistics
from server.service.traced import is_tracing, span
from server.service.versions import OncePerTurn, data_version

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import datetime

    from opentelemetry.trace import Span

    from engine import Database, Explanation, Freshness, FreshnessReport, Model, Result, Statement
    from engine.execute.freshness import Scope
    from engine.query.query import Query
    from server.service.cache import Entry
    from server.service.caller import Caller
    from server.service.models import FixedModel, Models
    from server.service.versions import DataVersion

    FreshnessFor = Callable[[Model, Mapping[str, Any]], Freshness | None]
    Question = Mapping[str, Any] | str | Query


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and whether it was kept from before: `age` in seconds, 0.0 where it was computed for this question."""

    result: Result
    age: float
    hit: bool
    key: Key
    _kept_as: Hashable
    _entry: Entry
    _cache: ResultCache

    @property
    def kept_for(self) -> float:
        """How long answers are kept, in seconds."""
        return self._cache.seconds

    def cache_data(self) -> dict[str, Any] | None:
        """What an answer tells of the cache as plain data; None for a fresh one."""
        if not self.hit:
            return None
        return {"hit": True, "age_seconds": round(self.age, 1), "kept_for_seconds": self.kept_for}

    def as_dict(self, *, replay: bool = True) -> dict[str, Any]:
        """The answer as plain data (see `Result.as_dict`), with `cache` where it was kept from before."""
        data = self.result.as_dict(replay=replay)
        told = self.cache_data()
        return {**data, "cache": told} if told else data

    def written(self, form: str, write: Callable[[Result], bytes]) -> bytes:
        """The result in one form; `write` is called only for the first who asks for it."""
        return self._cache.write(self._kept_as, self._entry, form, write)

    async def written_aside(self, form: str, write: Callable[[], bytes]) -> bytes:
        """A form that is made in a thread, for the first who asks for it; others who want it then wait for the same."""
        return await self._cache.write_aside(self._kept_as, self._entry, form, write)

    def is_written(self, form: str) -> bool:
        """Whether the result has been written in a form."""
        return form in self._entry.written


class Service:
    """Answers questions about one model from one database, for many callers at a time."""

    def __init__(
        self, models: Models | FixedModel, database: Database, freshness_for: FreshnessFor | None = None
    ) -> None:
        settings = models.model.settings
        self.models = models
        self.database = database
        self.gate = Gate(settings.limits.running, settings.limits.waiting)
        self.cache = ResultCache(settings.cache.seconds, settings.cache.megabytes)
        self._version = data_version(database)
        self._version_at_turn = OncePerTurn(self._version)
        self._freshness_for = freshness_for
        self.statistics = Statistics()
        self._keys = Keys()
        self._flights: Flights[tuple[Hashable, Entry]] = Flights()
        self._is_tracing = is_tracing()

    @property
    def model(self) -> Model:
        """The model as it is now."""
        return self.models.current()

    async def answer(
        self,
        question: Question,
        caller: Caller,
        *,
        now: datetime | None = None,
        fresh: bool = False,
        refresh: bool = True,
        watch: Callable[[str], None] | None = None,
    ) -> Answered:
        """The answer to a question; `fresh` asks the database in any case. `watch` is told in a few words what is waited for.

        Without `refresh` the data are taken as they are, however old: for what is told by the way and was not asked for.
        Raises what `run_query` raises, and Busy. Who is cancelled stops the statement, unless others wait for the same answer.
        """
        now = now or this_second()
        if not fresh and (kept := self.kept(question, caller, now=now, refresh=refresh)) is not None:
            return kept
        began = time.perf_counter()
        with span("metric_cube.answer") as opened:
            try:
                answered = await self._computed(question, caller, now, watch, refresh=refresh)
            except EngineError as error:
                self.statistics.refused(error)
                raise
            _describe(opened, answered)
        self.statistics.answered(time.perf_counter() - began, hit=False)
        return answered

    def kept(
        self, question: Question, caller: Caller, *, now: datetime | None = None, refresh: bool = True
    ) -> Answered | None:
        """The answer that is kept for a question, at once; None where there is none, or it could not be answered."""
        began = time.perf_counter()
        try:
            key = self._key(question, caller, now or this_second(), refresh=refresh)
        except EngineError:
            # Told where the question is asked, which comes next.
            return None
        return self._kept(key, self._version, began)

    def _key(self, question: Question, caller: Caller, now: datetime, *, refresh: bool) -> Key:
        """What identifies the answer; one for which nothing was refreshed is not the answer of who wants it fresh."""
        key = self._keys.of(question, self.model, caller.security, now)
        return key if refresh else Key((key, "as it is"))

    def recall(self, key: Key) -> Answered | None:
        """The answer that is kept under the key of a question; None where there is none.

        For questions that came in before this turn of the event loop: the data are looked at once for all that are asked in it.
        """
        return self._kept(key, self._version_at_turn, time.perf_counter())

    def _kept(self, key: Key, version: DataVersion, began: float) -> Answered | None:
        kept_as = (key, version.now())
        entry = self.cache.get(kept_as)
        if entry is None:
            return None
        answered = Answered(entry.result, self.cache.age(entry), True, key, kept_as, entry, self.cache)
        if self._is_tracing:
            with span("metric_cube.answer") as opened:
                _describe(opened, answered)
        self.statistics.answered(time.perf_counter() - began, hit=True)
        return answered

    async def _computed(
        self, question: Question, caller: Caller, now: datetime, watch: Callable[[str], None] | None, *, refresh: bool
    ) -> Answered:
        model = self.model
        key = self._key(question, caller, now, refresh=refresh)
        asked = key, self._version.now()
        self.cache.misses += 1

        async def work() -> tuple[Hashable, Entry]:
            if watch is not None and self.gate.is_full:
                watch(f"waiting for a turn; before it come {self.gate.waiting}")
            async with self.gate.turn():
                if watch is not None:
                    watch("asking the database")
                found = self._freshness_for(model, caller.security) if self._freshness_for else None
                freshness = _Attended(found, self._version, watch, refresh=refresh) if found is not None else None
                result = await run_query(
                    question, model, self.database, security=caller.security, now=now, freshness=freshness
                )
            kept_as = asked if freshness is None else (key, freshness.version)
            return kept_as, self.cache.put(kept_as, result)

        kept_as, entry = await self._flights.join(asked, work)
        return Answered(entry.result, 0.0, False, key, kept_as, entry, self.cache)

    def compile(self, question: Question, caller: Caller, now: datetime | None = None) -> Statement:
        """The statement that would answer a question; raises QueryError."""
        return compile_query(question, self.model, dialect=self.database.dialect, security=caller.security, now=now)

    def explain(self, question: Question, caller: Caller, now: datetime | None = None) -> Explanation:
        """How a question would be answered; raises QueryError."""
        return explain_query(question, self.model, dialect=self.database.dialect, security=caller.security, now=now)

    def capabilities(self, caller: Caller, *, search: str | None = None, detail: bool = False) -> dict[str, Any]:
        """What the caller can ask."""
        return capabilities(self.model, search=search, detail=detail, security=caller.security)

    def close(self) -> None:
        """Let go of what was opened to know the version of the data."""
        self._version.close()


def _describe(opened: Span, answered: Answered) -> None:
    opened.set_attribute("metric_cube.cached", answered.hit)
    opened.set_attribute("metric_cube.rows", len(answered.result.rows))


class _Attended:
    """Freshness that says when it is at work, and knows the version of the data after it: what it brought in has moved that."""

    def __init__(
        self, freshness: Freshness, data: DataVersion, watch: Callable[[str], None] | None, *, refresh: bool
    ) -> None:
        self._freshness, self._data, self._watch, self._refresh = freshness, data, watch, refresh
        self.version = data.now()

    async def ensure(self, scope: Scope) -> FreshnessReport:
        """See `Freshness.ensure`."""
        if not self._refresh:
            return await self._freshness.ensure(replace(scope, seconds=0.0))
        if self._watch is not None:
            self._watch("bringing the data up to date")
        report = await self._freshness.ensure(scope)
        self.version = self._data.now()
        if self._watch is not None:
            self._watch("asking the database")
        return report
