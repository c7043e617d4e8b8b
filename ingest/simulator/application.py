"""The simulated API: the routes of the TestIO Customer API v2 over a `World`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from ingest.simulator.faults import FaultKind, Faults
from ingest.simulator.traffic import Traffic

if TYPE_CHECKING:
    from starlette.requests import Request

    from ingest.simulator.world import Json, World

BASE_PATH = "/customer/v2"
UNPAGED_TESTS = 150
DEFAULT_PAGE = 25


@dataclass(slots=True)
class Simulator:
    """A simulated service: its data, the token it accepts, how slow and how faulty it is, and the calls it has seen."""

    world: World
    token: str
    latency_seconds: float = 0.0
    faults: Faults = field(default_factory=Faults)
    traffic: Traffic = field(default_factory=Traffic)


class _NotFoundError(Exception):
    """The world holds nothing of this id."""


Handler = Callable[["World", dict[str, str]], Any]


def _products(world: World, _: dict[str, str]) -> Json:
    return {"products": world.products}


def _product(world: World, parameters: dict[str, str]) -> Json:
    return {"product": _find_product(world, parameters)}


def _features(world: World, parameters: dict[str, str]) -> Json:
    product = _find_product(world, parameters)
    return {"features": [_public(feature) for feature in world.features.get(product["id"], [])]}


def _section_features(world: World, parameters: dict[str, str]) -> Json:
    product = _find_product(world, parameters)
    section = int(parameters["section"])
    features = world.features.get(product["id"], [])
    return {"features": [_public(feature) for feature in features if section in feature["section_ids"]]}


def _tests(world: World, parameters: dict[str, str]) -> Json:
    tests = world.tests.get(_find_product(world, parameters)["id"], [])
    if "page" not in parameters:
        return {"exploratory_tests": tests[:UNPAGED_TESTS]}
    size = int(parameters.get("per_page", DEFAULT_PAGE))
    first = (int(parameters["page"]) - 1) * size
    return {"exploratory_tests": tests[first : first + size]}


def _test(world: World, parameters: dict[str, str]) -> Json:
    test = world.test(int(parameters["test"]))
    if test is None:
        raise _NotFoundError
    return {"exploratory_test": test}


def _bugs(world: World, parameters: dict[str, str]) -> Json:
    asked = [int(test) for test in parameters.get("filter_test_cycle_ids", "").split(",") if test]
    return {"bugs": [bug for test in asked for bug in world.bugs.get(test, [])]}


ROUTES: dict[str, Handler] = {
    "products": _products,
    "products/{product}": _product,
    "products/{product}/features": _features,
    "products/{product}/sections/{section}/features": _section_features,
    "products/{product}/exploratory_tests": _tests,
    "exploratory_tests/{test}": _test,
    "bugs": _bugs,
}


def build_application(simulator: Simulator) -> Starlette:
    """The ASGI application that serves the simulator under `BASE_PATH`."""
    routes = [Route(f"/{route}", _endpoint(simulator, route, handler)) for route, handler in ROUTES.items()]
    return Starlette(routes=[Mount(BASE_PATH, routes=routes)])


def _endpoint(simulator: Simulator, route: str, handler: Handler) -> Any:
    async def endpoint(request: Request) -> Response:
        parameters = {**request.path_params, **request.query_params}
        with simulator.traffic.record(route, parameters):
            if simulator.latency_seconds:
                await asyncio.sleep(simulator.latency_seconds)
            if request.headers.get("authorization") != f"Token {simulator.token}":
                return _json({"error": "Invalid token"}, 401)
            fault = simulator.faults.decide(route, parameters)
            return await _answer(simulator, handler, parameters, fault)

    return endpoint


async def _answer(
    simulator: Simulator, handler: Handler, parameters: dict[str, str], fault: FaultKind | None
) -> Response:
    if fault == "hang":
        await asyncio.sleep(simulator.faults.hang_seconds)
    elif fault in ("429", "429-date"):
        return _too_many(simulator.faults.retry_after_seconds, as_date=fault == "429-date")
    elif fault is not None and fault.isdigit():
        return Response("<html><body>Something went wrong</body></html>", int(fault), media_type="text/html")
    try:
        body = handler(simulator.world, parameters)
    except (_NotFoundError, ValueError):
        return _json({"error": "Not found"}, 404)
    return _spoilt(_json(body), fault)


def _too_many(seconds: int, *, as_date: bool) -> Response:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    return _json({"error": "Too many requests"}, 429, {"Retry-After": at if as_date else str(seconds)})


def _spoilt(response: Response, fault: FaultKind | None) -> Response:
    """The answer with its body broken, or cut short of the length that its header promises."""
    body = bytes(response.body)
    if fault == "broken-json":
        return Response(body[: len(body) // 2], media_type="application/json")
    if fault == "not-an-object":
        return _json(["surprise"])
    if fault in ("truncated", "dropped"):
        return _Cut(body, keep=len(body) // 2 if fault == "truncated" else 0)
    return response


class _Cut(Response):
    """Promises the whole body, sends the first `keep` bytes and drops the connection."""

    def __init__(self, body: bytes, keep: int) -> None:
        super().__init__(body, media_type="application/json")
        self.keep = keep

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 (ASGI's form)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: self.keep], "more_body": True})
        raise ConnectionAbortedError("the simulator drops this connection on purpose")


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def _public(feature: Json) -> Json:
    return {name: value for name, value in feature.items() if name != "section_ids"}


def _find_product(world: World, parameters: dict[str, str]) -> Json:
    for product in world.products:
        if product["id"] == int(parameters["product"]):
            return product
    raise _NotFoundError
