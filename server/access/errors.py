"""Why someone is not let in, told as the engine tells its own.

EngineError
├── AccessFileError     the file that says who may ask is wrong               exit code 1
├── Unauthenticated     no token, or none that is known                       HTTP 401
├── Forbidden           a token that may not do this                          HTTP 403
└── IssuerUnavailable   the keys of an issuer of tokens cannot be had now     HTTP 503
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine import EngineError, Issue

if TYPE_CHECKING:
    from server.service.caller import Scope

TokenError = Literal["invalid_request", "invalid_token"]
"""What is wrong with a token, as clients are told in `WWW-Authenticate` (RFC 6750, section 3.1)."""


class AccessFileError(EngineError):
    """The access file is wrong; every mistake found is in `issues`."""

    exit_code = 1


class Unauthenticated(EngineError):
    """Nobody knows who asks; `error` is None where no token was sent at all."""

    def __init__(self, message: str, error: TokenError | None = "invalid_token", hint: str | None = None) -> None:
        self.error = error
        super().__init__(Issue("E_TOKEN", message, hint=hint))


class Forbidden(EngineError):
    """The caller is known and lacks the scope `scope`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        hint = "Ask whoever runs this server for a token that has it."
        super().__init__(Issue("E_SCOPE", f'This needs the scope "{scope}", which the token does not have.', hint=hint))


class IssuerUnavailable(EngineError):
    """The keys that tokens are checked with cannot be had; `retry_after` is when to come again, in seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        message = "The token cannot be checked now, because the keys of its issuer cannot be had."
        super().__init__(Issue("E_TOKEN_KEYS", message, hint=f"Ask again in {retry_after} s."))
