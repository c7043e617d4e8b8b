"""What a sync is told: where the API and the database are, whose data it brings, and how hard it may try."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.errors import SettingsError

DEFAULT_API_URL = "https://api.test.io/customer/v2"

TOKEN_PLACE = "TESTIO_API_TOKEN or the keyring"  # noqa: S105  not a token
"""Where the token of a customer stands that no file names; told when it is refused."""


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """Settings of one customer's sync; the token is shown nowhere, nor is a password in the URL of the database.

    `timeout_seconds` is for one call, from the first byte sent to the last received. A call is made at most `attempts`
    times, with pauses that begin at `backoff_seconds`, double and vary; a service that asks for a pause longer than
    `longest_pause_seconds` is not asked again. Data older than its time to live is read anew.
    """

    api_url: str
    token: str = field(repr=False)
    customer_id: int
    database_url: str = field(repr=False)
    timeout_seconds: float = 90.0
    concurrency: int = 8
    attempts: int = 5
    backoff_seconds: float = 0.5
    longest_pause_seconds: float = 120.0
    page_size: int = 25
    bug_batch: int = 15
    feature_ttl_seconds: float = 3600.0
    bug_ttl_seconds: float = 3600.0
    token_place: str = TOKEN_PLACE

    def __post_init__(self) -> None:
        if not self.api_url.startswith(("http://", "https://")):
            hint = f"Set TESTIO_API_URL, for example {DEFAULT_API_URL}."
            raise SettingsError(f'"{self.api_url}" is not the address of an API.', hint=hint)
        if not self.token.strip() or not self.token.isprintable() or not self.token.isascii():
            raise SettingsError("The API token is missing, or no token looks like it.", hint="Set TESTIO_API_TOKEN.")
        for name in ("timeout_seconds", "concurrency", "attempts", "page_size", "bug_batch"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; it must be more than 0.")
