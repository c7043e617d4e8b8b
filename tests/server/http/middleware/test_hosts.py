"""Hosts and origins as browsers send them, when they are led here by others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.http.middleware.hosts import Hosts, Names
from server.http.middleware.paths import is_probe
from tests.server.http.middleware.asking import ask, echo

if TYPE_CHECKING:
    from tests.server.http.middleware.asking import Header

pytestmark = pytest.mark.anyio

LOCAL = Hosts(echo, Names(origins=frozenset({"https://pages.example"})), is_probe)
PUBLIC = Hosts(
    echo,
    Names(("metrics.example.com", "*.internal", "other:8443"), frozenset({"https://pages.example"}), False),
    is_probe,
)


async def status(hosts: Hosts, *headers: Header, path: str = "/v1/query") -> int:
    return (await ask(hosts, path, headers)).status


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4000", "LOCALHOST", "127.0.0.1:4000", "[::1]:4000", "127.8.8.8"]
)
async def test_this_machine_is_known_under_its_own_names(host: str) -> None:
    assert await status(LOCAL, ("host", host)) == 200
    assert await status(PUBLIC, ("host", host)) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:4000",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost:4000@evil.example",
        "localhost:80:80",
        "localhost, evil.example",
        "localhost/evil.example",
        "localhost#",
        "localhost\t",
        " localhost",
        "[::1",
        "[::1]evil.example",
        "[localhost.evil.example]",
        "",
        ".",
        "xlocalhost",
        "evil-metrics.example.com.evil.example",
        "internal",
        "other:8444",
        "other",
        "löcalhost",
    ],
)
async def test_a_foreign_host_is_refused(host: str) -> None:
    for hosts in (LOCAL, PUBLIC):
        told = await ask(hosts, "/v1/query", [("host", host)])
        assert told.status == 421
        assert told.header("content-type") == "application/problem+json"


@pytest.mark.parametrize("host", ["192.0.2.7", "192.0.2.7:4000", "0.0.0.0", "[2001:db8::1]"])  # noqa: S104
async def test_an_address_is_a_host_of_a_public_server_alone(host: str) -> None:
    assert await status(LOCAL, ("host", host)) == 421
    assert await status(PUBLIC, ("host", host)) == 200


@pytest.mark.parametrize(
    "host", ["metrics.example.com", "METRICS.example.com:443", "a.internal", "a.b.internal:1", "other:8443"]
)
async def test_the_names_that_are_given_are_known(host: str) -> None:
    assert await status(PUBLIC, ("host", host)) == 200
    assert await status(LOCAL, ("host", host)) == 421


async def test_two_hosts_or_none_are_refused() -> None:
    assert await status(LOCAL) == 421
    assert await status(LOCAL, ("host", "localhost"), ("host", "localhost")) == 421
    assert await status(LOCAL, ("host", "localhost"), ("host", "evil.example")) == 421


async def test_forwarded_headers_are_not_believed() -> None:
    forwarded = [("x-forwarded-host", "localhost"), ("forwarded", "host=localhost"), ("x-host", "localhost")]
    assert await status(LOCAL, ("host", "evil.example"), *forwarded) == 421


async def test_probes_know_no_name() -> None:
    assert await status(PUBLIC, ("host", "pod-7"), path="/livez") == 200
    assert await status(PUBLIC, ("host", "pod-7"), path="/livez/") == 421
    assert await status(PUBLIC, ("host", "pod-7"), path="/v1/../livez") == 421


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "https://pages.example.evil.example",
        "https://pages.example/",
        "https://pages.example:444",
        "http://pages.example",
        "file://",
        "chrome-extension://abc",
        "https://evil.example@localhost",
        "//localhost",
        "localhost",
        "http://[",
        "http://localhost:4000/",
        "http://localhost:4000#",
    ],
)
async def test_pages_of_other_origins_may_not_ask(origin: str) -> None:
    for hosts in (LOCAL, PUBLIC):
        assert await status(hosts, ("host", "localhost"), ("origin", origin)) == 403


async def test_pages_of_named_origins_and_of_the_server_itself_may_ask() -> None:
    for hosts in (LOCAL, PUBLIC):
        assert await status(hosts, ("host", "localhost"), ("origin", "https://pages.example")) == 200
        assert await status(hosts, ("host", "localhost:4000"), ("origin", "http://localhost:4000")) == 200
    assert await status(PUBLIC, ("host", "metrics.example.com"), ("origin", "https://metrics.example.com")) == 200


async def test_other_pages_of_this_machine_may_ask_a_local_server_alone() -> None:
    for origin in ("http://localhost:3000", "http://127.0.0.1:6274", "http://[::1]:3000"):
        assert await status(LOCAL, ("host", "localhost:4000"), ("origin", origin)) == 200
        assert await status(PUBLIC, ("host", "localhost:4000"), ("origin", origin)) == 403


async def test_two_origins_are_none() -> None:
    origins = [("origin", "https://pages.example"), ("origin", "https://evil.example")]
    assert await status(LOCAL, ("host", "localhost"), *origins) == 403
