"""An HTTP client of an application over the synced database, without a socket between them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from engine import load_model, open_database
from server.http.application import build_application
from server.http.door import local_door
from server.http.middleware.access_log import AccessLog
from server.service import Caller, FixedModel, Service
from server.settings import SHIPPED_MODEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.applications import Starlette

    from engine import Database, Model

CUSTOMER = Caller({"customer_id": 1})


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model(SHIPPED_MODEL)


@pytest.fixture
async def service(model: Model, database: Path) -> AsyncIterator[Service]:
    async with open_database(str(database)) as opened:
        service = Service(FixedModel(model), opened)
        yield service
        service.close()


def application_of(service: Service, caller: Caller = CUSTOMER) -> Starlette:
    """The application for one caller."""
    door = local_door(service, caller, origins=["https://pages.example"], log=AccessLog(lambda _line: None))
    return build_application(service, door)


def served(model: Model, database: Database) -> Starlette:
    """The application over a database of a test's own."""
    return application_of(Service(FixedModel(model), database))


@asynccontextmanager
async def client_of(application: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client; what the application does not catch is its 500, as over a socket."""
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(application_of(service)) as client:
        yield client
