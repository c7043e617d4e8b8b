"""Finds out who asks, from what a request says in `Authorization`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access.errors import Unauthenticated
from server.access.issuers import Issuers
from server.access.tokens import StaticTokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.access.settings import AccessSettings
    from server.service.caller import Caller

_MOST_LETTERS = 16_384
_HINT = "Send a token in the header: Authorization: Bearer …"


class Access:
    """Knows the callers that an access file lets in; raises AccessFileError where keys that it names cannot be read."""

    def __init__(self, settings: AccessSettings) -> None:
        self.settings = settings
        self._tokens = StaticTokens(settings.tokens)
        self._issuers = Issuers(settings.issuers)

    async def identify(self, headers: Sequence[bytes], *, bare: bool = False) -> Caller:
        """The caller whom the `Authorization` headers of a request name; `bare` takes a token without `Bearer` too, as Cube does.

        Raises Unauthenticated, and IssuerUnavailable where a token cannot be checked now.
        """
        token = _token_in(headers, bare)
        caller = self._tokens.find(token)
        if caller is None:
            try:
                caller = await self._issuers.find(token.decode("ascii"))
            except UnicodeDecodeError:
                caller = None
        if caller is None:
            raise Unauthenticated("The token is not known here.")
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
