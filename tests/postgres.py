"""Databases of their own on the PostgreSQL server that METRIC_CUBE_TEST_POSTGRES names by the URL of one of its databases."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from ingest.database import parse_url

URL = os.environ.get("METRIC_CUBE_TEST_POSTGRES", "")

needs_postgres = pytest.mark.skipif(not URL, reason="METRIC_CUBE_TEST_POSTGRES is not set")


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of an empty database, which is dropped after the block."""
    name = f"metric_cube_{uuid.uuid4().hex[:12]}"
    server = create_engine(parse_url(URL), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(URL).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
