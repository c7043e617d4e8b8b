"""Tokens may be kept in the operating system's keyring; where none is found, it is told where it was looked for."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from ingest import SettingsError, TokenMissing, customer_from_environment, read_customers, token_of
from tests.ingest.conftest import TOKEN
from tests.ingest.keyrings import NO_KEYRING, Drawer, keyring_kept


@pytest.fixture
def keyring_of() -> Iterator[Callable[[KeyringBackend], None]]:
    with keyring_kept():
        yield keyring.set_keyring


def test_a_token_comes_from_the_keyring(tmp_path: Path, keyring_of: Callable[[KeyringBackend], None]) -> None:
    path = tmp_path / "customers.toml"
    path.write_text('[[customers]]\nid = 7\nkeyring = "testio/acme"\n')
    keyring_of(Drawer({("testio", "acme"): TOKEN}))
    assert [one.token for one in read_customers(path, {})] == [TOKEN]


@pytest.mark.parametrize(
    ("name", "backend", "message"),
    [
        ("testio/acme", Drawer({}), "holds none under testio/acme.*Store it with `keyring set testio acme`"),
        ("testio/acme", Drawer({("testio", "acme"): " "}), "holds none under testio/acme"),
        ("testio/acme", Drawer({}, locked=True), r"cannot be read \(somebody has to unlock it\).*Unlock the keyring"),
        ("testio/acme", NO_KEYRING, "no keyring that can be used.*or name a variable by token_env"),
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


def test_one_customer_alone_finds_its_token_in_the_environment_first_and_then_in_the_keyring(
    keyring_of: Callable[[KeyringBackend], None],
) -> None:
    keyring_of(Drawer({("metric-cube", "7"): f"{TOKEN}\n", ("metric-cube", "8"): "of-another"}))
    assert token_of(7, {}) == TOKEN, "as it was stored, without the end of its line"
    assert token_of(7, {"TESTIO_API_TOKEN": " "}) == TOKEN
    assert token_of(7, {"TESTIO_API_TOKEN": "given"}) == "given"
    assert customer_from_environment({"TESTIO_CUSTOMER_ID": "8"}).token == "of-another"  # noqa: S105


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (
            Drawer({("metric-cube", "8"): TOKEN}),
            "the keyring holds none under metric-cube/7.*`keyring set metric-cube 7`",
        ),
        (Drawer({}, locked=True), r"the keyring cannot be read \(somebody has to unlock it\).*unlock the keyring"),
        (NO_KEYRING, "this machine has no keyring that can be used.*`keyring diagnose`"),
    ],
)
def test_one_customer_alone_is_told_where_its_token_was_looked_for(
    keyring_of: Callable[[KeyringBackend], None], backend: KeyringBackend, message: str
) -> None:
    keyring_of(backend)
    with pytest.raises(TokenMissing, match=f"(?s)of customer 7: TESTIO_API_TOKEN is not set, and {message}") as caught:
        token_of(7, {"TESTIO_API_TOKEN": ""})
    assert caught.value.exit_code == 1


def test_one_customer_alone_is_told_of_the_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(
        TokenMissing, match=r"keyring is not installed.*install metric-cube\[keyring\] and store it with"
    ):
        token_of(7, {})
