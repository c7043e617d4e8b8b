"""A span for each request, by OpenTelemetry's conventions for HTTP; needed only where an SDK of OpenTelemetry is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import propagate, trace
from opentelemetry.propagators.textmap import Getter

from server.http.middleware.exchange import method_of, route_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Headers(Getter["Mapping[str, Any]"]):
    """Reads headers of an ASGI scope."""

    def get(self, carrier: Mapping[str, Any], key: str) -> list[str] | None:
        wanted = key.lower().encode()
        return [value.decode("latin-1") for name, value in carrier["headers"] if name == wanted] or None

    def keys(self, carrier: Mapping[str, Any]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier["headers"]]


_GETTER = _Headers()


class Traced:
    """Makes the span of a request a child of the one that the client names in `traceparent`.

    It is named by its route, not by its address, and holds neither parameters of the address nor headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tracer = trace.get_tracer("metric_cube.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request within its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = method_of(scope)
        parent = propagate.extract(scope, getter=_GETTER)
        attributes = {
            "http.request.method": method,
            "url.path": scope["path"],
            "url.scheme": scope.get("scheme", "http"),
        }
        with self._tracer.start_as_current_span(method, parent, trace.SpanKind.SERVER, attributes) as span:

            async def traced_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    span.set_attribute("http.response.status_code", status)
                    if status >= 500:
                        span.set_status(trace.StatusCode.ERROR)
                await send(message)

            try:
                await self._app(scope, receive, traced_send)
            finally:
                route = route_of(scope)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
                span.set_attribute("metric_cube.request_id", scope["state"].get("request_id", ""))
