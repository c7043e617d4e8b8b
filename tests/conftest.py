"""Options and fixtures that every test may use."""

import signal

import pytest
from hypothesis import settings

# How long a case takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is for what a shell has put into the background, and for its children: those that tests interrupt would not end.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="Rewrite the golden SQL and the contract with agents.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
