"""What can go wrong between the TestIO API, our tables and a sync, and how it is told.

    IngestError                 everything that ingest raises on purpose
    ├── SettingsError           the user's: a setting is missing or makes no sense  exit code 1
    │   └── TokenMissing        there is no token where one was looked for
    ├── DataError               the user's: a file that is to be loaded is wrong    exit code 1
    ├── Interrupted             somebody wanted it to stop                          exit code 4
    ├── ApiError                the API did not give what we need                   exit code 3
    │   ├── ApiUnreachable      no connection at all: wrong address, or it is down
    │   ├── ApiRefused          it does not accept the token (401, 403)
    │   ├── ApiMissing          it knows no such resource (404)
    │   ├── ApiTimeout          it did not answer in time (408, 504, 524 or our own limit)
    │   └── ApiFault            it answered with an error or nonsense (429, 5xx, broken bodies)
    └── StoreError              the database refused or holds something else        exit code 3
        ├── StoreBusy           another sync is writing to the same database
        └── StoreLocked         another program holds the database's lock for too long

A sync that brought a part is not an error: its `SyncReport` says what is missing and has exit code 4.
No message ever holds a token.
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of all errors that ingest raises on purpose: a stable code, a sentence, and how to go on."""

    code = "E_INGEST"
    exit_code = 70

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message}{f' {self.hint}' if self.hint else ''} [{self.code}]"


class SettingsError(IngestError):
    """A setting is missing or makes no sense."""

    code = "E_SETTINGS"
    exit_code = 1


class TokenMissing(SettingsError):
    """There is no token where one was looked for."""

    code = "E_TOKEN_MISSING"


class DataError(IngestError):
    """A file that is to be loaded cannot be read, or does not fit its table."""

    code = "E_DATA"
    exit_code = 1


class Interrupted(IngestError):
    """The work was stopped before its end because somebody wanted that; what was done is kept."""

    code = "E_INTERRUPTED"
    exit_code = 4


class ApiError(IngestError):
    """The API did not give what was asked for, also not when asked again."""

    code = "E_API"
    exit_code = 3


class ApiUnreachable(ApiError):
    """No connection to the API could be made."""

    code = "E_API_UNREACHABLE"


class ApiRefused(ApiError):
    """The API does not accept the token."""

    code = "E_API_REFUSED"


class ApiMissing(ApiError):
    """The API knows no such resource."""

    code = "E_API_MISSING"


class ApiTimeout(ApiError):
    """The API did not answer in time."""

    code = "E_API_TIMEOUT"


class ApiFault(ApiError):
    """The API answered with an error of its own, or with something that is not what it promises."""

    code = "E_API_FAULT"


class StoreError(IngestError):
    """The database cannot be reached, refused a statement or holds something else."""

    code = "E_STORE"
    exit_code = 3


class StoreBusy(StoreError):
    """Another sync is writing to the same database."""

    code = "E_STORE_BUSY"


class StoreLocked(StoreError):
    """Another program has held the database's lock for too long."""

    code = "E_STORE_LOCKED"
