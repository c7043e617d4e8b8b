"""Reads which customers are to be synced: one from the environment, or several from a TOML file that holds no token.

[[customers]]
id = 7
name = "Acme"
token_env = "TESTIO_API_TOKEN_ACME"   # the variable that holds the token; or keyring = "service/user"
interval_minutes = 15                 # optional, as is api_url
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from ingest.errors import SettingsError
from ingest.settings import DEFAULT_API_URL, TOKEN_PLACE, SyncSettings
from ingest.tokens import place_of_entry, token_of, token_of_entry

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
    """A customer of TestIO: the id is its policy value, the token is shown nowhere; `token_place` says where it stands."""

    id: int
    name: str
    token: str = field(repr=False)
    interval_minutes: float = 15.0
    api_url: str = DEFAULT_API_URL
    token_place: str = TOKEN_PLACE

    def settings(self, database_url: str) -> SyncSettings:
        """The settings to sync this customer into a database."""
        return SyncSettings(self.api_url, self.token, self.id, database_url, token_place=self.token_place)


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
    """The customers of a TOML file, their tokens from the environment or the keyring.

    Raises `SettingsError` with all that is wrong, `TokenMissing` where that is one token alone.
    """
    entries = _entries(path)
    customers: list[Customer] = []
    mistakes: list[SettingsError] = []
    for place, entry in enumerate(entries, 1):
        try:
            customers.append(_customer(entry, f"{path}, customer {place}", environment))
        except SettingsError as error:
            mistakes.append(error)
    ids = Counter(entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), int))
    twice = (one for one, times in ids.items() if times > 1)
    mistakes += [SettingsError(f"{path} lists customer {one} more than once.", hint="Keep one.") for one in twice]
    if len(mistakes) == 1:
        raise mistakes[0]
    if mistakes:
        raise SettingsError("\n".join(f"{one.message} {one.hint or ''}".strip() for one in mistakes))
    return tuple(customers)


def _entries(path: Path) -> list[Any]:
    hint = "It is TOML, and each customer begins with [[customers]]."
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise SettingsError(f"{path} cannot be read: {error}.", hint=hint) from error
    entries = found.pop("customers", None)
    if found:
        raise SettingsError(f"{path} has a part that is not known: {next(iter(found))}.", hint=hint)
    if not isinstance(entries, list) or not entries:
        raise SettingsError(f"{path} lists no customers.", hint=hint)
    return entries


def _customer(entry: Any, place: str, environment: Mapping[str, str]) -> Customer:
    # Values are not shown: one may be a token that stands where none should.
    if not isinstance(entry, dict):
        raise SettingsError(f"{place} is no table.", hint="Begin it with [[customers]].")
    for name, value in entry.items():
        if name not in PROPERTIES:
            raise SettingsError(f"{place}: there is no property {name}.", hint=f"There are: {', '.join(PROPERTIES)}.")
        if not isinstance(value, KINDS[PROPERTIES[name]]) or isinstance(value, bool):
            raise SettingsError(f"{place}: {name} is not {PROPERTIES[name]}.")
    if not isinstance(entry.get("id"), int) or entry["id"] < 1:
        raise SettingsError(f"{place} has no id that is a whole number above 0.")
    interval = float(entry.get("interval_minutes", 15.0))
    if not 0 < interval < inf:
        raise SettingsError(f"{place}: interval_minutes is not a number above 0.")
    if not entry.get("api_url", "https://").startswith(("http://", "https://")):
        raise SettingsError(f"{place}: api_url is not an address.", hint=f"Write it like {DEFAULT_API_URL}.")
    return Customer(
        entry["id"],
        entry.get("name", str(entry["id"])),
        token_of_entry(entry, place, environment),
        interval,
        entry.get("api_url") or environment.get("TESTIO_API_URL") or DEFAULT_API_URL,
        place_of_entry(entry),
    )
