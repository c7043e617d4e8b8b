"""Options and fixtures that every test may use."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="Rewrite the SQL in tests/engine/golden.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
