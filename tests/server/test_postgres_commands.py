"""`sync`, `status`, `db`, `backfill` and `load` on PostgreSQL: what they say, and that they show no password."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import make_url

from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from tests.postgres import URL, needs_postgres, new_database
from tests.server.conftest import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from tests.server.conftest import Run

pytestmark = needs_postgres

PASSWORD = (make_url(URL).password if URL else None) or "s3cr:t@/%x"
"""A server that asks for none takes any."""

SIZE = WorldSize(products=2, tests=12, bugs=60, days=90)


@pytest.fixture
def url(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database that the environment points to, by a URL with a password; and a small simulated API."""
    simulator = Simulator(make_world(SIZE, now=datetime.now(UTC)), TOKEN)
    with new_database() as found, serve_simulator(simulator) as api:
        monkeypatch.setenv("TESTIO_API_URL", api)
        monkeypatch.setenv("TESTIO_API_TOKEN", TOKEN)
        secret = make_url(found).set(password=PASSWORD).render_as_string(hide_password=False)
        monkeypatch.setenv("METRIC_CUBE_DATABASE", secret)
        yield secret


def said(result: Result, exit_code: int = 0) -> str:
    """All that a command said, which ended with this exit code and showed no password."""
    whole = result.stdout + result.stderr
    assert result.exit_code == exit_code, whole
    assert f":{PASSWORD}@" not in whole
    assert f":{quote(PASSWORD, safe='')}@" not in whole
    return whole


def test_the_tables_are_made_filled_told_and_taken_back(run: Run, url: str) -> None:
    assert "it holds no tables" in said(run("db", "status"))
    assert "has not been filled" in said(run("status"), 3)
    assert "There is no database of TestIO's data" in said(run("backfill"), 3)
    assert "A sync would read 2 products" in said(run("sync", "--dry-run"))
    assert "12 tests, 60 bugs" in said(run("sync"))
    assert "to 0003." in said(run("db", "downgrade", "--to", "0003", "--yes"))
    assert "made by an older release" in said(run("status"), 3)
    assert "went from 0003 to" in said(run("db", "upgrade"))
    assert json.loads(said(run("db", "status", "--format", "json")))["current"] is True
    told = said(run("status"))
    assert "Bugs      60" in told
    assert "postgresql://" in told
    assert "of them linked (100 %)" in said(run("backfill"))
    assert "60" in said(run("query", "-m", "bug_count", "--no-refresh"))
    assert "The database went from" in said(run("db", "downgrade", "--to", "base", "--yes"))


def test_a_file_is_loaded_and_updated(run: Run, url: str) -> None:
    Path("order.csv").write_text("user;Desc;at;paid\n1;a;31.01.2026 23:30;1.234,50\n", encoding="utf-8")
    for told in ("into table order_, which is new", "into table order_."):
        assert told in said(run("load", "order", "order.csv", "--key", "user"))
    Path("nul.jsonl").write_text('{"id": 1, "name": "a\\u0000b"}\n', encoding="utf-8")
    assert "nul.jsonl:1: name has a NUL character" in said(run("load", "nul", "nul.jsonl"), 1)


def test_a_database_that_is_not_there_and_a_server_that_is_not_are_told_apart(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = make_url(url).set(database="no_such").render_as_string(hide_password=False)
    silent = make_url(url).set(port=9, host="127.0.0.1").render_as_string(hide_password=False)
    for address, hint in ((nowhere, "Make it first"), (silent, "Is the server running")):
        monkeypatch.setenv("METRIC_CUBE_DATABASE", address)
        for command in (("sync",), ("db", "status"), ("load", "orders", "order.csv")):
            Path("order.csv").write_text("id\n1\n", encoding="utf-8")
            assert hint in said(run(*command), 3)
