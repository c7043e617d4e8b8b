"""Brings a database to the newest form of our tables, or back: the product runs its migrations itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect

from ingest.database import database_exists, open_database, parse_url, store_errors
from ingest.errors import StoreError
from ingest.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection


async def upgrade_database(database_url: str, revision: str = "head") -> None:
    """Run the migrations up to `revision` that the database has not had; all of them or, if one fails, none.

    Raises `StoreError` when the file is no database, or holds tables of somebody else under our names.
    """
    await _migrate(database_url, lambda config: command.upgrade(config, revision))


async def downgrade_database(database_url: str, revision: str = "base") -> None:
    """Undo the migrations after `revision`."""
    await _migrate(database_url, lambda config: command.downgrade(config, revision))


async def database_revision(database_url: str) -> str | None:
    """The migration that the database stands at; None before the first, also where there is no database at all."""
    if not database_exists(database_url):
        return None
    return await asyncio.to_thread(_at, database_url)


def newest_revision() -> str | None:
    """The newest migration that this release of the product knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_newer(revision: str | None) -> bool:
    """Whether a database stands at a migration that this release does not know."""
    return revision is not None and revision not in known_revisions()


def known_revisions() -> list[str]:
    """The migrations of this release, the first one first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


async def _migrate(database_url: str, run: Callable[[Config], None]) -> None:
    await asyncio.to_thread(_migrate_here, database_url, run)


def _migrate_here(database_url: str, run: Callable[[Config], None]) -> None:
    # SQLite changes a table by copying it: with foreign keys on, dropping the old one would empty others.
    engine = open_database(database_url, foreign_keys=False)
    try:
        with store_errors(parse_url(database_url)), engine.begin() as connection:
            _run(connection, run)
    finally:
        engine.dispose()


def _at(database_url: str) -> str | None:
    engine = open_database(database_url)
    try:
        with store_errors(engine.url), engine.connect().execution_options(reads=True) as connection:
            return _revision(connection)
    finally:
        engine.dispose()


def _run(connection: Connection, run: Callable[[Config], None]) -> None:
    _refuse_foreign(connection)
    before = _revision(connection)
    refuse_newer(before)
    config = _config()
    config.attributes["connection"] = connection
    try:
        run(config)
    except CommandError as error:
        raise StoreError(f"The migration cannot be run: {error}.", hint=_known_revisions()) from error
    if connection.dialect.name != "sqlite" or _revision(connection) == before:
        return  # looking at every row takes seconds where there are millions, and every sync begins here
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreError("The migration would leave rows that point nowhere; nothing was changed.")


def _known_revisions() -> str:
    return f"This release knows base, {', '.join(known_revisions())}, head."


def refuse_newer(revision: str | None) -> None:
    """Raise `StoreError` for a database of a newer release."""
    if is_newer(revision):
        message = f"The database stands at revision {revision}, of a newer release: this one knows {newest_revision()} at most."
        raise StoreError(message, hint="Install the newer release of metric-cube, or give another database.")


def _refuse_foreign(connection: Connection) -> None:
    if _revision(connection) is not None:
        return
    ours = sorted(set(inspect(connection).get_table_names()) & set(METADATA.tables))
    if ours:
        message = f"The database already holds tables that are not of this product: {', '.join(ours)}."
        raise StoreError(message, hint="Give another database, or move these tables away.")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "ingest:migrations")
    return config
