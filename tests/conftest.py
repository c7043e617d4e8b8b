"""Options and fixtures that every test may use."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="Rewrite the golden SQL and the contract with agents.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
