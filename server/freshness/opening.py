"""Opens what keeps a database fresh: where there is a token, and a database of TestIO's tables that has all migrations."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest import (
    SettingsError,
    customer_from_environment,
    database_revision,
    newest_revision,
    open_freshness,
    read_customers,
)
from ingest.tables import METADATA
from server.freshness.adapter import QueryFreshness
from server.settings import API_TOKEN, CUSTOMER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from engine import Model
    from ingest import Customer, SyncSettings

_SCHEMES = ("sqlite", "postgres")


def known_customers(
    environment: Mapping[str, str], file: Path | None = None, *, required: bool = False
) -> tuple[Customer, ...]:
    """The customers whose data may be read from TestIO: those of the file, else the one of the environment.

    That one needs a token, there or in the keyring; without, there is nobody. Raises `SettingsError` for a file or an
    environment that is wrong, and if somebody is `required`, where there is nobody.
    """
    if file is not None:
        return read_customers(file, environment)
    try:
        return (customer_from_environment(environment),)
    except SettingsError:
        if required or (environment.get(API_TOKEN) and environment.get(CUSTOMER)):
            raise
        return ()


def is_of_testio(model: Model, database: str) -> bool:
    """Whether a model reads tables that a sync fills, from a database that a sync can fill."""
    if "://" in database and not database.startswith(_SCHEMES):
        return False
    return any(cube.table and cube.table[-1] in METADATA.tables for cube in model.cubes.values())


def refresh_settings(
    model: Model, database: str, customers: Sequence[Customer], security: Mapping[str, Any]
) -> SyncSettings | None:
    """How to refresh what a query reads; None where nobody may, or the data are not TestIO's.

    It is the customer whose rows the query may see. How old data may be, the model's `freshness` says.
    """
    seen = next((customer for customer in customers if customer.id == security.get("customer_id")), None)
    if seen is None or not is_of_testio(model, database):
        return None
    settings = seen.settings(database)
    return replace(
        settings,
        bug_ttl_seconds=_time_to_live(model, "bugs", settings.bug_ttl_seconds),
        feature_ttl_seconds=_time_to_live(model, "features", settings.feature_ttl_seconds),
    )


@asynccontextmanager
async def open_query_freshness(
    model: Model, settings: SyncSettings | None, *, stays_open: bool
) -> AsyncIterator[QueryFreshness | None]:
    """What a query asks for fresh data, as long as the block runs; None where nothing can be refreshed.

    `stays_open`: what is not done in time goes on behind the answers; else it ends with the block.
    """
    if settings is None or await database_revision(settings.database_url) != newest_revision():
        yield None
        return
    async with open_freshness(settings, goes_on=stays_open) as known:
        yield QueryFreshness(model, known)


def _time_to_live(model: Model, table: str, otherwise: float) -> float:
    """The shortest time to live, in seconds, that the model gives the cubes over a table."""
    cubes = (cube for cube in model.cubes.values() if cube.table and cube.table[-1] == table)
    return min((cube.freshness.seconds for cube in cubes if cube.freshness), default=otherwise)
