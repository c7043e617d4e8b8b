"""What docs/http.md and the README show of HTTP is answered so."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import ingest
from engine import load_model, open_database
from ingest import SyncSettings
from ingest.simulator import Simulator, make_world, serve_simulator
from server.http.formats import FORMATS
from server.service import Caller, FixedModel, Service
from server.settings import SHIPPED_MODEL
from tests.docs_http import Request, requests_shown
from tests.docs_pages import DOCS
from tests.server.http.conftest import application_of, client_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

PAGE = DOCS / "http.md"
README = DOCS.parent / "README.md"


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a customer's synced data, of the day on which the page's answers were given."""
    file = tmp_path_factory.mktemp("http") / "demo.sqlite"
    with serve_simulator(Simulator(make_world(now=datetime(2026, 3, 31, 9, tzinfo=UTC)), "token")) as url:
        asyncio.run(ingest.sync(SyncSettings(url, "token", 1, str(file))))
    return file


@pytest.mark.parametrize("shown", [*requests_shown(README), *requests_shown(PAGE)], ids=lambda shown: shown.address)
async def test_requests_are_answered_as_the_page_shows(shown: Request, synced: Path) -> None:
    async with open_database(str(synced)) as database:
        service = Service(FixedModel(load_model(SHIPPED_MODEL)), database)
        async with client_of(application_of(service, Caller({"customer_id": 1}))) as client:
            response = await client.request(shown.method, shown.address, headers=shown.headers, content=shown.body)
        service.close()
    assert response.status_code == 200 or '"status": 400' in shown.answer, response.text
    if shown.answer.startswith("{"):
        found = response.json()
        found.pop("instance")
        assert found == json.loads(shown.answer)
    elif shown.answer:
        assert response.text.splitlines() == shown.answer.splitlines()


def test_every_format_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for form in FORMATS:
        media_type = form.media_type.replace(" charset=utf-8;", "")
        assert f"| `{form.name}` | `{media_type}` |" in text
