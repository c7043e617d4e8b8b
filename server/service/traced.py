"""Spans of OpenTelemetry for answers and for statements. Where no SDK is set up they are nothing, and cost next to nothing."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from engine import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Self

    from engine import Database
    from engine.execute.database import Fetched, Parameters

_TRACER = trace.get_tracer("metric_cube.service")


def is_tracing() -> bool:
    """Whether anybody collects spans."""
    provider = trace.get_tracer_provider()
    return not isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider)


def span(
    name: str, kind: trace.SpanKind = trace.SpanKind.INTERNAL, **attributes: Any
) -> AbstractContextManager[trace.Span]:
    """A span around some work; a refusal is told by its codes: messages may hold what was asked for."""
    return _span(name, kind, attributes) if is_tracing() else nullcontext(trace.INVALID_SPAN)


@contextmanager
def _span(name: str, kind: trace.SpanKind, attributes: dict[str, Any]) -> Iterator[trace.Span]:
    with _TRACER.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except EngineError as error:
            opened.set_attribute("error.type", type(error).__name__)
            opened.set_attribute("metric_cube.issues", [issue.code for issue in error.issues])
            opened.set_status(trace.StatusCode.ERROR)
            raise
        except BaseException as error:
            opened.set_attribute("error.type", type(error).__name__)
            opened.set_status(trace.StatusCode.ERROR)
            raise


@dataclass(frozen=True, slots=True)
class TracedDatabase:
    """A database whose statements have spans, by OpenTelemetry's conventions for databases.

    The text of a statement is in them, its values are not: they are parameters.
    """

    database: Database

    @property
    def dialect(self) -> str:
        """See `Database.dialect`."""
        return self.database.dialect

    @property
    def url(self) -> str:
        """See `Database.url`."""
        return self.database.url

    async def fetch(
        self, sql: str, parameters: Parameters, *, timeout: float | None = None, max_rows: int | None = None
    ) -> Fetched:
        """See `Database.fetch`."""
        said = {"db.system.name": _SYSTEMS.get(self.dialect, self.dialect), "db.query.text": sql}
        with span("SELECT", trace.SpanKind.CLIENT, **said) as opened:
            fetched = await self.database.fetch(sql, parameters, timeout=timeout, max_rows=max_rows)
            opened.set_attribute("db.response.returned_rows", len(fetched.rows))
            return fetched

    async def close(self) -> None:
        """See `Database.close`."""
        await self.database.close()

    async def __aenter__(self) -> Self:
        await self.database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.database.__aexit__(kind, error, traceback)


_SYSTEMS = {"postgres": "postgresql"}
