"""`/metrics`: how the server fares, in the text form that Prometheus reads."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.routing import Route

from engine import DatabaseError
from server.http.middleware.paths import METRICS_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric
    from starlette.requests import Request

    from server.service import Service

_AGE_SECONDS = 15.0
"""How long the age of the data is believed: several who scrape must not be a load on the database."""
_READ_AT = "SELECT customer_id, MIN(read_at) FROM sync_cursors WHERE read_at IS NOT NULL GROUP BY customer_id"
"""When the customer's news were last read whose product was read longest ago (see `ingest/tables.py`)."""


class ServiceMetrics(Collector):
    """The numbers of a service, read when they are asked for."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Every metric, as it is now."""
        service = self._service
        settings = service.model.settings
        labels = {"name": settings.name, "release": str(settings.release), "digest": service.model.digest[:16]}
        info = GaugeMetricFamily("metric_cube_model_info", "The model that is served.", labels=list(labels))
        info.add_metric(list(labels.values()), 1)
        yield info
        trouble = getattr(service.models, "trouble", None) is not None
        yield _gauge(
            "metric_cube_model_trouble", "1 if the model's files are wrong now, and it is kept as it was.", trouble
        )
        cache = service.cache
        yield CounterMetricFamily("metric_cube_cache_hits", "Questions answered from the cache.", cache.hits)
        yield CounterMetricFamily("metric_cube_cache_misses", "Questions the cache had no answer to.", cache.misses)
        yield _gauge("metric_cube_cache_answers", "Answers that are kept.", len(cache))
        yield _gauge("metric_cube_cache_bytes", "About how many bytes they take.", cache.size)
        yield _gauge("metric_cube_queries_running", "Queries that run.", service.gate.running)
        yield _gauge("metric_cube_queries_waiting", "Queries that wait for their turn.", service.gate.waiting)
        yield self._answers()
        refusals = CounterMetricFamily(
            "metric_cube_refusals", "Questions refused, by code of the issue.", labels=["code"]
        )
        for code, count in sorted(service.statistics.refusals.items()):
            refusals.add_metric([code], count)
        yield refusals

    def _answers(self) -> Metric:
        statistics = self._service.statistics
        answers = HistogramMetricFamily("metric_cube_answer_seconds", "How long answers took.", labels=["cached"])
        for cached, times in (("true", statistics.kept), ("false", statistics.computed)):
            answers.add_metric([cached], times.buckets(), times.seconds)
        return answers


class SyncCounters(Collector):
    """What `ingest` counts, under its names with underscores; nothing where no data are kept fresh."""

    def collect(self) -> Iterator[Metric]:
        """Every counter, as it is now, told apart by its tags."""
        # It takes long to import, and who has not imported it has counted nothing.
        counters = sys.modules.get("ingest.counters")
        if counters is None:
            return
        for name, counted in counters.counted().items():
            kind = counters.COUNTERS[name]
            family = CounterMetricFamily(name.replace(".", "_"), kind.text, labels=kind.tags)
            for values, number in sorted(counted.items()):
                family.add_metric(values, number)
            yield family


class DataAge(Collector):
    """How old each customer's data are; nothing for a database that no sync fills."""

    def __init__(self, service: Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._read_at: dict[str, datetime] = {}
        self._asked = -_AGE_SECONDS

    async def ask(self) -> None:
        """Ask the database, unless it was asked just now."""
        if self._clock() - self._asked < _AGE_SECONDS:
            return
        self._asked = self._clock()
        try:
            fetched = await self._service.database.fetch(_READ_AT, [], timeout=2.0)
        except DatabaseError:
            self._read_at = {}
        else:
            self._read_at = {str(customer): _moment(read_at) for customer, read_at in fetched.rows}

    def collect(self) -> Iterator[Metric]:
        """The ages, as of now."""
        ages = GaugeMetricFamily(
            "metric_cube_data_age_seconds", "How long ago the news of a customer were last read.", labels=["customer"]
        )
        now = datetime.now(UTC)
        for customer, read_at in sorted(self._read_at.items()):
            ages.add_metric([customer], max(0.0, (now - read_at).total_seconds()))
        yield ages


class Metrics:
    """All metrics of one server."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        self._age = DataAge(service)
        ProcessCollector(registry=self.registry)
        for collector in (ServiceMetrics(service), SyncCounters(), self._age):
            self.registry.register(collector)

    async def answer(self, request: Request) -> Response:
        """What Prometheus asks for."""
        await self._age.ask()
        write, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(write(self.registry), headers={"cache-control": "no-store", "content-type": media_type})

    def routes(self) -> list[Route]:
        """Where it asks."""
        return [Route(METRICS_PATH, self.answer, methods=["GET"])]


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value)


def _moment(value: Any) -> datetime:
    """A time as a database gives it: SQLite as a text."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
