"""Whether the server runs, and whether it can answer: for load balancers, which have no token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from engine import DatabaseError, Issue
from server.http.formats import compact
from server.http.problems import Kind, problem
from server.http.requests import service_of

if TYPE_CHECKING:
    from starlette.requests import Request

_PROBE_SECONDS = 2.0
_NOT_READY = Kind(503, "not-ready", "The server cannot answer questions now")


async def livez(_request: Request) -> Response:
    """That this process answers."""
    return _healthy({"health": "HEALTH"})


async def readyz(request: Request) -> Response:
    """Whether questions can be answered: 503 where the database is out of reach; says if the model's files are wrong now.

    Without a token only the codes of issues are told.
    """
    service = service_of(request)
    try:
        await service.database.fetch("SELECT 1", [], timeout=_PROBE_SECONDS)
    except DatabaseError as error:
        issues = [Issue(each.code, "The database cannot be asked.", hint="The server's log says more.")
                  for each in error.issues]  # fmt: skip
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
