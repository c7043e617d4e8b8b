"""Finds out who asks, from what a request says in `Authorization`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from server.access.errors import Unauthenticated
from server.access.issuers import Issuers
from server.access.tokens import StaticTokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.access.settings import AccessSettings
    from server.service.caller import Caller

_MOST_LETTERS = 16_384
_MOST_CALLERS = 1024
_HINT = "Send a token in the header: Authorization: Bearer …"


class Access:
    """Knows the callers that an access file lets in; raises AccessFileError where keys that it names cannot be read.

    Whoever has been let in is let in again with the same header for the rest of the second, without a look at the token, whose
    signature alone may take longer to check than an answer.
    """

    def __init__(self, settings: AccessSettings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self._tokens = StaticTokens(settings.tokens)
        self._issuers = Issuers(settings.issuers)
        self._clock = clock
        self._second = 0
        self._let_in: dict[tuple[bytes, bool], Caller] = {}

    async def identify(self, headers: Sequence[bytes], *, bare: bool = False) -> Caller:
        """The caller whom the `Authorization` headers of a request name; `bare` takes a token without `Bearer` too, as Cube does.

        Raises Unauthenticated, and IssuerUnavailable where a token cannot be checked now.
        """
        second = int(self._clock())
        if second != self._second:
            self._second, self._let_in = second, {}
        found = self._let_in.get((headers[0], bare)) if len(headers) == 1 else None
        return found or await self._look(headers, bare, self._let_in)

    async def _look(self, headers: Sequence[bytes], bare: bool, let_in: dict[tuple[bytes, bool], Caller]) -> Caller:
        token = _token_in(headers, bare)
        caller = self._tokens.find(token)
        if caller is None:
            try:
                caller = await self._issuers.find(token.decode("ascii"))
            except UnicodeDecodeError:
                caller = None
        if caller is None:
            raise Unauthenticated("The token is not known here.")
        if len(let_in) < _MOST_CALLERS:
            let_in[headers[0], bare] = caller
        return caller


def _token_in(headers: Sequence[bytes], bare: bool) -> bytes:
    if not headers:
        raise Unauthenticated("This needs a token.", None, _HINT)
    if len(headers) > 1:
        # What stands before this server may have looked at the other one.
        raise Unauthenticated("There is more than one header Authorization.", "invalid_request", "Send one.")
    scheme, _, token = headers[0].strip().partition(b" ")
    token = token.strip()
    if bare and not token:
        scheme, token = b"bearer", scheme
    if scheme.lower() != b"bearer" or not token or b" " in token:
        raise Unauthenticated("The header Authorization holds no bearer token.", "invalid_request", _HINT)
    if len(token) > _MOST_LETTERS:
        raise Unauthenticated("The token is too long.", "invalid_request")
    return token
