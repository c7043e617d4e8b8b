"""Refuses requests for names that this server does not have, and from pages that may not ask.

Both are for browsers. A page whose name is made to point at this machine (DNS rebinding) has a foreign `Host`; a page elsewhere
that sends requests here has a foreign `Origin`. Programs send the right host and no origin.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.hosts import is_loopback
from server.http.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = re.compile(rb"(?P<name>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?")
_ORIGIN = re.compile(r"https?://(?P<host>(?P<name>[a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?)")


@dataclass(frozen=True, slots=True)
class Names:
    """Names that a server is reached under, and origins that may ask; both in lower case.

    A host may begin with `*.`, and end in a port, without which any will do. Of a server that `is_local`, pages of this machine may
    ask; of another, IP addresses are taken as hosts: rebinding needs a name, so it has no use for them.
    """

    hosts: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()
    is_local: bool = True

    def has_host(self, name: str, port: str | None) -> bool:
        """Whether this is a host of ours."""
        if is_loopback(name):
            return True
        if not self.is_local and _is_address(name):
            return True
        return any(_matches(pattern, name, port) for pattern in self.hosts)

    def may_ask(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may ask: one of our own, one that is named, or one of this machine."""
        if origin in self.origins:
            return True
        match = _ORIGIN.fullmatch(origin)
        if match is None:
            return False
        return match["host"] == host or (self.is_local and is_loopback(match["name"].strip("[]")))


class Hosts:
    """Answers 421 for a foreign host and 403 for a foreign origin. `open_to_all` are paths that any host may ask for."""

    def __init__(self, app: ASGIApp, names: Names, open_to_all: Callable[[str], bool]) -> None:
        self._app, self._names, self._open_to_all = app, names, open_to_all
        self._known: dict[bytes, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        if scope["type"] != "http" or self._open_to_all(scope["path"]):
            await self._app(scope, receive, send)
            return
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if len(hosts) != 1 or not self._has_host(hosts[0]):
            message = "This server is not known under the host that the request names."
            hint = "Whoever runs it adds names with `hosts` in the access file."
            await problem(421, f"{message} {hint}")(scope, receive, send)
        elif origins and (len(origins) > 1 or not self._may_ask(origins[0], hosts[0])):
            message = "Pages of this origin may not ask this server."
            hint = "Whoever runs it adds origins with --allow-origin, or with `origins` in the access file."
            await problem(403, f"{message} {hint}")(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _has_host(self, host: bytes) -> bool:
        found = self._known.get(host)
        if found is None:
            match = _HOST.fullmatch(host)
            name, port = (match["name"].decode().lower().strip("[]"), match["port"]) if match else ("", None)
            found = bool(name) and self._names.has_host(name.rstrip("."), port.decode() if port else None)
            if found and len(self._known) < 64:
                self._known[host] = found
        return found

    def _may_ask(self, origin: bytes, host: bytes) -> bool:
        return self._names.may_ask(origin.decode("latin-1").lower(), host.decode("latin-1").lower())


def _matches(pattern: str, name: str, port: str | None) -> bool:
    wanted, colon, wanted_port = (
        pattern.partition(":") if not pattern.startswith("[") else (pattern.strip("[]"), "", "")
    )
    if colon and wanted_port != port:
        return False
    return name.endswith(wanted[1:]) if wanted.startswith("*.") else name == wanted


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
