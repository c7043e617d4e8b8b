"""Numbers of requests, in the form that Prometheus reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from server.service.statistics import Times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric
    from starlette.types import Scope

    from server.http.middleware.exchange import Exchange


@dataclass(slots=True)
class _Route:
    """What requests to one route came to."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    times: Times = field(default_factory=Times)
    bytes: int = 0


class RequestMetrics(Collector):
    """Counts and times requests by route, never by address: there are few routes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._routes: defaultdict[str, _Route] = defaultdict(_Route)
        self._in_flight = 0
        registry.register(self)

    def begins(self, _scope: Scope, /) -> None:
        """A request has come."""
        self._in_flight += 1

    def ends(self, _scope: Scope, exchange: Exchange, /) -> None:
        """It has been answered, or given up."""
        self._in_flight -= 1
        route = self._routes[exchange.route]
        route.answers[exchange.method, exchange.status] += 1
        route.times.add(exchange.seconds)
        route.bytes += exchange.bytes

    def collect(self) -> Iterator[Metric]:
        """The numbers, as they are now."""
        requests = CounterMetricFamily(
            "metric_cube_http_requests", "Requests answered.", labels=("route", "method", "status")
        )
        seconds = HistogramMetricFamily(
            "metric_cube_http_request_seconds", "How long requests took.", labels=("route",)
        )
        sent = CounterMetricFamily("metric_cube_http_response_bytes", "Bytes of answers sent.", labels=("route",))
        for name, route in sorted(self._routes.items()):
            for (method, status), count in sorted(route.answers.items()):
                requests.add_metric((name, method, str(status)), count)
            seconds.add_metric((name,), route.times.buckets(), route.times.seconds)
            sent.add_metric((name,), route.bytes)
        yield requests
        yield seconds
        yield sent
        yield GaugeMetricFamily("metric_cube_http_requests_in_flight", "Requests under way.", self._in_flight)
