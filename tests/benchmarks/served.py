"""A server to be measured, in a process of its own: `python -m tests.benchmarks.served KIND BUGS`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import resource
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

import engine
from server.access.access import Access
from server.access.settings import AccessSettings, Limits, TokenEntry
from server.http.application import build_application
from server.http.door import guarded_door
from server.http.serving import listen, server_of
from server.service import FixedModel, Service
from tests.benchmarks.questions import SECURITY
from tests.benchmarks.rows import databases

if TYPE_CHECKING:
    from starlette.requests import Request

_TOKEN = "mc_the-token-of-a-benchmark"  # noqa: S105


async def _empty(_request: Request) -> Response:
    return Response(b"")


async def _serve(kind: str, file: Path) -> None:
    model = engine.load_model(Path(__file__).parents[2] / "semantic")
    async with engine.open_database(str(file)) as database:
        service = Service(FixedModel(model), database)
        routes = [Route("/", _empty)]
        if kind == "empty":
            application = Starlette(routes=routes)
        elif kind == "guarded":
            application = Starlette(routes=routes, middleware=guarded_door(service, _access()).middleware)
        else:
            application = build_application(service, guarded_door(service, _access()))
        with listen("127.0.0.1", 0) as listening:
            print(json.dumps({"port": listening.getsockname()[1], "token": _TOKEN}), flush=True)
            await server_of(application).serve(sockets=[listening])
        service.close()


def _access() -> Access:
    """With a rate limit, which is never met, so that it is measured too."""
    digest = hashlib.sha256(_TOKEN.encode()).digest()
    entry = TokenEntry("benchmark", digest, frozenset({"read"}), SECURITY)
    return Access(AccessSettings((entry,), limits=Limits(requests_per_minute=1e9, burst=10**9)))


def main() -> None:
    kind, bugs = sys.argv[1], int(sys.argv[2])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.sqlite"
        light, duck = databases(bugs)
        with closing(light), closing(duck), closing(sqlite3.connect(file)) as kept:
            light.backup(kept)
        asyncio.run(_serve(kind, file))


if __name__ == "__main__":
    main()
