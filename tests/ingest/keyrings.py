"""Keyrings to be tested with: one in memory, and none."""

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

NO_KEYRING: KeyringBackend = fail.Keyring()  # type: ignore[no-untyped-call]


class Drawer(KeyringBackend):
    """A keyring in memory, by service and user; one that is locked refuses."""

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


@contextmanager
def keyring_kept() -> Iterator[None]:
    """Whatever keyring is set inside, the machine's own is there again afterwards."""
    before = keyring.get_keyring()
    try:
        yield
    finally:
        keyring.set_keyring(before)
