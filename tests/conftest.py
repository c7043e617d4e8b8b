"""Options and fixtures that every test may use."""

import pytest
from hypothesis import settings

# How long a case takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="Rewrite the golden SQL and the contract with agents.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
