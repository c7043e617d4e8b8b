"""Reads which customers are to be synced: one from the environment, or several from a TOML file that holds no token.

[[customers]]
id = 7
name = "Acme"
token_env = "TESTIO_API_TOKEN_ACME"   # the variable that holds the token; or keyring = "service/user"
interval_minutes = 15                 # optional, as is api_url
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.errors import SettingsError
from ingest.settings import DEFAULT_API_URL, SyncSettings
from ingest.tokens import token_of, token_of_entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROPERTIES = {
    "id": "a number",
    "name": "a text",
    "token_env": "a text",
    "keyring": "a text",
    "interval_minutes": "a number",
    "api_url": "a text",
}
KINDS: dict[str, tuple[type, ...]] = {"a number": (int, float), "a text": (str,)}


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of TestIO: the id is its policy value, the token is shown nowhere."""

    id: int
    name: str
    token: str = field(repr=False)
    interval_minutes: float = 15.0
    api_url: str = DEFAULT_API_URL

    def settings(self, database_url: str) -> SyncSettings:
        """The settings to sync this customer into a database."""
        return SyncSettings(self.api_url, self.token, self.id, database_url)


def customer_from_environment(environment: Mapping[str, str]) -> Customer:
    """The one customer that TESTIO_CUSTOMER_ID and TESTIO_API_URL describe, its token from `token_of`.

    Raises `TokenMissing`, and `SettingsError` without a customer.
    """
    number = environment.get("TESTIO_CUSTOMER_ID", "")
    if not number.isdecimal():
        raise SettingsError("TESTIO_CUSTOMER_ID is not set to a number.", hint="Set it to your customer's id.")
    api_url = environment.get("TESTIO_API_URL") or DEFAULT_API_URL
    return Customer(int(number), number, token_of(int(number), environment), api_url=api_url)


def read_customers(path: Path, environment: Mapping[str, str]) -> tuple[Customer, ...]:
    """The customers of a TOML file, their tokens from the environment or the keyring; raises `SettingsError`."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("customers")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    if not isinstance(entries, list) or not entries:
        raise SettingsError(f"{path} lists no customers.", hint="Begin each with [[customers]].")
    customers = tuple(
        _customer(entry, f"{path}, customer {place}", environment) for place, entry in enumerate(entries, 1)
    )
    ids = [customer.id for customer in customers]
    if twice := next((one for one in ids if ids.count(one) > 1), None):
        raise SettingsError(f"{path} lists customer {twice} twice.")
    return customers


def _customer(entry: Mapping[str, Any], place: str, environment: Mapping[str, str]) -> Customer:
    for name, value in entry.items():
        # Values are not shown: one may be a token that stands where none should.
        if name not in PROPERTIES:
            raise SettingsError(f"{place}: there is no property {name}.", hint=f"There are: {', '.join(PROPERTIES)}.")
        if not isinstance(value, KINDS[PROPERTIES[name]]) or isinstance(value, bool):
            raise SettingsError(f"{place}: {name} is not {PROPERTIES[name]}.")
    if not isinstance(entry.get("id"), int):
        raise SettingsError(f"{place} has no id that is a whole number.")
    return Customer(
        entry["id"],
        entry.get("name", str(entry["id"])),
        token_of_entry(entry, place, environment),
        float(entry.get("interval_minutes", 15.0)),
        entry.get("api_url") or environment.get("TESTIO_API_URL") or DEFAULT_API_URL,
    )
