"""A server with an access file over rows of several customers, each of whom may see their own alone."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import httpx

from engine import load_model, open_database
from server.access.access import Access
from server.access.reading import read_access_file
from server.access.tokens import digest_of
from server.http.application import build_application
from server.http.door import guarded_door
from server.http.middleware.access_log import AccessLog
from server.service import FixedModel, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.applications import Starlette

MODEL = """
cubes:
  - name: bugs
    sql_table: bugs
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: owner, sql: customer_id, type: number}
      - {name: severity, sql: severity, type: string}
      - {name: title, sql: title, type: string}
    measures:
      - {name: bug_count, type: count}
      - {name: weight, sql: weight, type: sum}
    access_policy:
      - group: "*"
        row_level:
          filters:
            - {member: owner, operator: equals, values: ["{ security_context.customer_id }"]}
"""
CUSTOMERS = (1, 2, 3)
SEVERITIES = ("low", "high", "critical")
SQL_TOKEN, METRICS_TOKEN, NO_CUSTOMER_TOKEN = (
    f"mc_{name}-token-of-a-test-server" for name in ("sql", "metrics", "nobody")
)


def token_of(customer: int) -> str:
    """The token of a customer."""
    return f"mc_token-of-customer-{customer}-in-tests"


def make_rows(file: Path) -> None:
    """Rows of which no two customers have as many, nor as heavy ones; their titles name the customer."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "CREATE TABLE bugs (id INTEGER PRIMARY KEY, customer_id INT, severity TEXT, title TEXT, weight INT)"
        )
        rows = [
            (
                customer,
                SEVERITIES[number % len(SEVERITIES)],
                f"bug {number} of customer-{customer}",
                customer * 1000 + number,
            )
            for customer in CUSTOMERS
            for number in range(7 * customer + customer * customer)
        ]
        connection.executemany("INSERT INTO bugs (customer_id, severity, title, weight) VALUES (?, ?, ?, ?)", rows)


def access_file(more: str = "") -> str:
    """Lets in every customer, one who may see SQL, one who may see metrics, and one of no customer."""
    entries = [_entry(f"customer {each}", token_of(each), '"read"', f"customer_id = {each}") for each in CUSTOMERS]
    entries.append(_entry("analyst", SQL_TOKEN, '"read", "sql"', "customer_id = 1"))
    entries.append(_entry("prometheus", METRICS_TOKEN, '"operate"', ""))
    entries.append(_entry("nobody", NO_CUSTOMER_TOKEN, '"read"', ""))
    return f'url = "https://metrics.example.com"\norigins = ["https://pages.example"]\n{more}\n' + "\n".join(entries)


def _entry(name: str, token: str, scopes: str, security: str) -> str:
    return f"""
[[tokens]]
name = "{name}"
token_sha256 = "{digest_of(token)}"
scopes = [{scopes}]
security = {{ {security} }}
"""


class Guarded:
    """The application, its service, and the lines of its log."""

    def __init__(self, service: Service, access: Access) -> None:
        self.service = service
        self.log: list[str] = []
        door = guarded_door(service, access, log=AccessLog(self.log.append))
        self.application: Starlette = build_application(service, door)

    @asynccontextmanager
    async def client(self, token: str | None = None, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A client with a token."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.application, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://metrics.example.com", headers=headers, **more
        ) as client:
            yield client


@asynccontextmanager
async def guarded(folder: Path, more: str = "") -> AsyncIterator[Guarded]:
    """A guarded server over rows in a folder; `more` is added to its access file."""
    file = folder / "rows.sqlite"
    if not file.exists():
        make_rows(file)
    (folder / "model.yml").write_text(MODEL, encoding="utf-8")
    (folder / "access.toml").write_text(access_file(more), encoding="utf-8")
    access = Access(read_access_file(folder / "access.toml", {}))
    async with open_database(str(file)) as database:
        service = Service(FixedModel(load_model(folder / "model.yml")), database)
        yield Guarded(service, access)
        service.close()
