"""Puts together what requests pass before they reach a route: with an access file, or for this machine alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.middleware import Middleware

from server.access.settings import Limits
from server.http.metrics import Metrics
from server.http.middleware.access_log import AccessLog
from server.http.middleware.authentication import AsCaller, Authentication
from server.http.middleware.body_limit import BodyLimit
from server.http.middleware.cors import cors
from server.http.middleware.hosts import Hosts, Names
from server.http.middleware.metrics import RequestMetrics
from server.http.middleware.observed import Observed
from server.http.middleware.paths import is_probe, needed_scope
from server.http.middleware.rate_limit import Buckets, RateLimit
from server.http.middleware.traced import Traced
from server.http.well_known import well_known_routes
from server.service.traced import is_tracing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import Route
    from starlette.types import Scope

    from server.access.access import Access
    from server.access.settings import AccessSettings
    from server.http.middleware.observed import Watcher
    from server.service import Caller, Service


@dataclass(frozen=True, slots=True)
class Door:
    """What every request passes, outermost first, and the routes that belong to it."""

    middleware: list[Middleware]
    routes: list[Route]


def local_door(service: Service, caller: Caller, *, origins: Iterable[str] = (), log: Watcher | None = None) -> Door:
    """The door of a server that only this machine reaches: everybody is `caller`."""
    metrics = Metrics(service)
    middleware = [
        *_observing(metrics, log),
        *_guarding(Names(origins=frozenset(origins)), Limits()),
        Middleware(AsCaller, caller=caller),
    ]
    return Door(middleware, metrics.routes())


def guarded_door(service: Service, access: Access, *, origins: Iterable[str] = (), log: Watcher | None = None) -> Door:
    """The door of a server that asks for tokens; pages of `origins` may ask besides those that the access file names."""
    settings = access.settings
    metrics = Metrics(service)

    def base_of(scope: Scope) -> str:
        """Where clients reach the server: the host is one of ours, or the request would not have come so far."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"localhost")
        return settings.url or f"{scope.get('scheme', 'http')}://{host.decode('latin-1')}"

    limits = settings.limits
    middleware = [
        *_observing(metrics, log),
        *_guarding(_names(settings, origins), limits),
        Middleware(Authentication, access=access, needs=needed_scope, base_of=base_of),
        *_limiting(limits),
    ]
    return Door(middleware, [*metrics.routes(), *well_known_routes(settings, base_of)])


def _observing(metrics: Metrics, log: Watcher | None) -> list[Middleware]:
    watchers = [log or AccessLog(), RequestMetrics(metrics.registry)]
    traced = [Middleware(Traced)] if is_tracing() else []
    return [Middleware(Observed, watchers=watchers), *traced]


def _guarding(names: Names, limits: Limits) -> list[Middleware]:
    return [
        Middleware(Hosts, names=names, open_to_all=is_probe),
        *cors(names.origins),
        Middleware(BodyLimit, most=limits.body_kilobytes * 1024),
    ]


def _limiting(limits: Limits) -> list[Middleware]:
    if limits.requests_per_minute is None:
        return []
    return [Middleware(RateLimit, buckets=Buckets(limits.requests_per_minute, limits.burst))]


def _names(settings: AccessSettings, origins: Iterable[str]) -> Names:
    own = urlsplit(settings.url) if settings.url else None
    hosts = (own.netloc.lower(),) if own else ()
    asking = {*settings.origins, *(origin.lower() for origin in origins)}
    return Names((*settings.hosts, *hosts), frozenset(asking), is_local=False)
