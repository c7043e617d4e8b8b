"""Whether the server runs, and whether it can answer: for load balancers, which have no token."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from engine import DatabaseError, Issue
from server.http.formats import compact
from server.http.problems import Kind, problem
from server.http.requests import service_of
from server.service.flights import Flights

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from engine import Database

_PROBE_SECONDS, _KEPT_SECONDS = 2.0, 1.0
_NOT_READY = Kind(503, "not-ready", "The server cannot answer questions now")


class Probe:
    """Asks whether a database can be asked: for all who want to know at once, and at most once a second, since anybody may ask."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._flights: Flights[list[Issue]] = Flights()
        self._found: list[Issue] = []
        self._until = -math.inf

    async def issues(self) -> list[Issue]:
        """Why it cannot be; nothing where it can. Only the codes are told: who asks may have no token."""
        if self._clock() < self._until:
            return self._found
        return await self._flights.join("probe", self._ask)

    async def _ask(self) -> list[Issue]:
        try:
            await self._database.fetch("SELECT 1", [], timeout=_PROBE_SECONDS)
        except DatabaseError as error:
            said = "The database cannot be asked."
            self._found = [Issue(each.code, said, hint="The server's log says more.") for each in error.issues]
        else:
            self._found = []
        self._until = self._clock() + _KEPT_SECONDS
        return self._found


async def livez(_request: Request) -> Response:
    """That this process answers."""
    return _healthy({"health": "HEALTH"})


async def readyz(request: Request) -> Response:
    """Whether questions can be answered: 503 where the database is out of reach; says if the model's files are wrong now.

    Without a token only the codes of issues are told.
    """
    service = service_of(request)
    issues = await request.app.state.probe.issues()
    if issues:
        return problem(503, issues, {"retry-after": "5"}, kind=_NOT_READY)
    model = service.model
    found: dict[str, object] = {"health": "HEALTH", "model": {"name": model.settings.name, "digest": model.digest[:16]}}
    trouble = getattr(service.models, "trouble", None)
    if trouble is not None:
        found["warnings"] = [
            f"The model's files are wrong ({len(trouble.issues)} issues); it is served as it was before."
        ]
    return _healthy(found)


def _healthy(found: dict[str, object]) -> Response:
    return Response(compact(found), headers={"cache-control": "no-store"}, media_type="application/json")


ROUTES = (Route("/livez", livez, methods=["GET"]), Route("/readyz", readyz, methods=["GET"]))
