"""Numbers of requests, in the form that Prometheus reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from server.http.middleware.exchange import method_of, route_of

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from starlette.types import Scope

    from server.http.middleware.exchange import Exchange

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of how long something took: from an answer that was kept to the longest that a model allows, as a rule."""


class RequestMetrics:
    """Counts and times requests by route, never by address: there are few routes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "metric_cube_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "metric_cube_http_request_seconds",
            "How long requests took.",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
        self._bytes = Counter(
            "metric_cube_http_response_bytes", "Bytes of answers sent.", ("route",), registry=registry
        )
        self._in_flight = Gauge("metric_cube_http_requests_in_flight", "Requests under way.", registry=registry)
        self._labelled: dict[tuple[str, str, int], tuple[Counter, Histogram, Counter]] = {}

    def begins(self, _scope: Scope, /) -> None:
        """A request has come."""
        self._in_flight.inc()

    def ends(self, scope: Scope, exchange: Exchange, /) -> None:
        """It has been answered, or given up."""
        self._in_flight.dec()
        key = (route_of(scope), method_of(scope), exchange.status)
        found = self._labelled.get(key)
        if found is None:
            route, method, status = key
            found = self._labelled[key] = (
                self._requests.labels(route, method, str(status)),
                self._seconds.labels(route),
                self._bytes.labels(route),
            )
        requests, seconds, sent = found
        requests.inc()
        seconds.observe(exchange.seconds)
        sent.inc(exchange.bytes)
