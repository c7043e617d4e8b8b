"""Tokens may be kept in the operating system's keyring; one that has none says so."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

from ingest import SettingsError, read_customers
from tests.ingest.conftest import TOKEN

NO_KEYRING: KeyringBackend = fail.Keyring()  # type: ignore[no-untyped-call]


class Drawer(KeyringBackend):
    """A keyring in memory; one that is locked refuses."""

    priority = 1

    def __init__(self, tokens: dict[tuple[str, str], str], *, locked: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tokens, self.locked = tokens, locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("somebody has to unlock it")
        return self.tokens.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.tokens[service, username] = password


@pytest.fixture
def keyring_of() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_token_comes_from_the_keyring(tmp_path: Path, keyring_of: Callable[[KeyringBackend], None]) -> None:
    path = tmp_path / "customers.toml"
    path.write_text('[[customers]]\nid = 7\nkeyring = "testio/acme"\n')
    keyring_of(Drawer({("testio", "acme"): TOKEN}))
    assert [one.token for one in read_customers(path, {})] == [TOKEN]


@pytest.mark.parametrize(
    ("name", "backend", "message"),
    [
        ("testio/acme", Drawer({}), "holds no token under testio/acme.*keyring set testio acme"),
        ("testio/acme", Drawer({}, locked=True), "cannot be read: somebody has to unlock it"),
        ("testio/acme", NO_KEYRING, "the keyring cannot be read.*name a variable by token_env"),
        ("testio", Drawer({}), "names no entry of a keyring.*service/user"),
    ],
)
def test_a_keyring_without_the_token_is_told(
    tmp_path: Path,
    keyring_of: Callable[[KeyringBackend], None],
    name: str,
    backend: KeyringBackend,
    message: str,
) -> None:
    path = tmp_path / "customers.toml"
    path.write_text(f'[[customers]]\nid = 7\nkeyring = "{name}"\n')
    keyring_of(backend)
    with pytest.raises(SettingsError, match=f"(?s){message}"):
        read_customers(path, {})


def test_where_the_package_is_missing_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "customers.toml"
    path.write_text('[[customers]]\nid = 7\nkeyring = "testio/acme"\n')
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingsError, match=r"Install metric-cube\[keyring\]"):
        read_customers(path, {})
