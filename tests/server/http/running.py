"""A server that answers over a socket of this machine, in a thread of its own, for clients that know nothing of asyncio."""

from __future__ import annotations

import asyncio
import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine import open_database
from server.http.serving import listen, server_of, url_of
from server.service import FixedModel, Service
from tests.server.http.conftest import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import uvicorn

    from engine import Model


@contextmanager
def running(model: Model, database: Path) -> Iterator[str]:
    """The URL of a server over a database, as long as the context stands."""
    begun: queue.SimpleQueue[uvicorn.Server] = queue.SimpleQueue()
    with listen("127.0.0.1", 0) as listening:

        async def serve() -> None:
            async with open_database(str(database)) as opened:
                service = Service(FixedModel(model), opened)
                server = server_of(application_of(service))
                begun.put(server)
                await server.serve(sockets=[listening])
                service.close()

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        server = begun.get(timeout=60)
        try:
            yield url_of(listening)
        finally:
            server.should_exit = True
            thread.join()
