"""Finds the token of a customer: in the environment, or in the operating system's keyring."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

from ingest.errors import SettingsError, TokenMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_VARIABLE = "TESTIO_API_TOKEN"  # noqa: S105  the name of the variable, not its value

KEYRING_SERVICE = "metric-cube"
"""Under this service the keyring holds the token of a customer that no file names; the user is the customer's id."""


class NotInKeyring(Exception):
    """The keyring gives no token: why, as the end of a sentence, and what would help, as its beginning."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


def token_of(customer_id: int, environment: Mapping[str, str]) -> str:
    """The token of a customer that no file names, from TESTIO_API_TOKEN, else from the keyring.

    Raises `TokenMissing`, which says where it was looked for and what was found there.
    """
    if token := environment.get(TOKEN_VARIABLE, "").strip():
        return token
    try:
        return token_in_keyring(KEYRING_SERVICE, str(customer_id))
    except NotInKeyring as error:
        message = f"There is no API token of customer {customer_id}: {TOKEN_VARIABLE} is not set, and {error.why}."
        hint = f"Set {TOKEN_VARIABLE}, or {error.remedy}. Without a token, try `metric-cube simulate`."
        raise TokenMissing(message, hint=hint) from error


def token_of_entry(entry: Mapping[str, str], place: str, environment: Mapping[str, str]) -> str:
    """The token of a customer in a file, from where its entry says, `token_env` or `keyring`; raises `SettingsError`."""
    if ("token_env" in entry) == ("keyring" in entry):
        told = "names its token both ways" if "keyring" in entry else "does not say where its token is"
        raise SettingsError(f"{place} {told}.", hint="Give either token_env or keyring.")
    if "token_env" in entry:
        token = environment.get(entry["token_env"], "").strip()
        if not token:
            hint = "Set it, or name an entry of the keyring instead."
            raise TokenMissing(f"{place}: {place_of_entry(entry)} holds no token.", hint=hint)
        return token
    service, _, user = entry["keyring"].partition("/")
    if not service or not user:
        raise SettingsError(f"{place}: keyring names no entry of a keyring.", hint="Write it as service/user.")
    try:
        return token_in_keyring(service, user)
    except NotInKeyring as error:
        hint = f"{error.remedy[0].upper()}{error.remedy[1:]}, or name a variable by token_env."
        raise TokenMissing(f"{place} has no token: {error.why}.", hint=hint) from error


def place_of_entry(entry: Mapping[str, str]) -> str:
    """Where the entry says that its token is; what may itself be one, put where its name should stand, is not shown.

    >>> place_of_entry({"token_env": "TOKEN_OF_ACME"}), place_of_entry({"token_env": "a5e1c0"})
    ('the variable TOKEN_OF_ACME', 'the variable that token_env names')
    """
    if "keyring" in entry:
        return f"the keyring's entry {entry['keyring']}"
    name = entry["token_env"]
    return f"the variable {name}" if re.fullmatch(r"[A-Z_][A-Z0-9_]*", name) else "the variable that token_env names"


def token_in_keyring(service: str, user: str) -> str:
    """The token that the keyring of the operating system keeps; raises `NotInKeyring`."""
    store = f"store it with `keyring set {service} {user}`"
    try:
        keyring = importlib.import_module("keyring")
        errors = importlib.import_module("keyring.errors")
    except ImportError as error:
        raise NotInKeyring(
            "the package keyring is not installed", f"install metric-cube[keyring] and {store}"
        ) from error
    try:
        token: str | None = keyring.get_password(service, user)
    except errors.NoKeyringError as error:
        why = "this machine has no keyring that can be used"
        raise NotInKeyring(why, "set up a keyring (`keyring diagnose` says what is there)") from error
    except errors.KeyringError as error:
        raise NotInKeyring(f"the keyring cannot be read ({error})", "unlock the keyring") from error
    if not token or not token.strip():
        raise NotInKeyring(f"the keyring holds none under {service}/{user}", store)
    return token.strip()
