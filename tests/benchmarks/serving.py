"""How fast answers come over HTTP, with everything that a request passes, beside an empty route in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.benchmarks.measuring import milliseconds, show

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 2.0
_CLIENTS = (1, 16, 64)
_ROUNDS = 3
_MANY = 1000
_QUESTION = {"metrics": ["bug_count"], "dimensions": ["severity"]}
_BY_CUBE = {"query": {"measures": ["testing.bug_count"], "dimensions": ["testing.severity"]}}


class Request(NamedTuple):
    """A request to measure, and which server it goes to."""

    name: str
    server: str
    path: str
    body: Any = None
    fresh: bool = False


_REQUESTS = (
    Request("an empty route", "empty", "/"),
    Request("an empty route, with all that requests pass", "guarded", "/"),
    Request("/v1/query, kept", "ours", "/v1/query", _QUESTION),
    Request("/cubejs-api/v1/load, kept", "ours", "/cubejs-api/v1/load", _BY_CUBE),
    Request("/v1/query, asked of the database", "ours", "/v1/query", _QUESTION, fresh=True),
)


class Measured(NamedTuple):
    """What a number of clients got in a while; times in seconds, `work` is what the server's processor spent on each."""

    rate: float
    middle: float
    slowest: float
    failed: int
    work: float


def serving_report(bugs: int, seconds: float) -> None:
    """A table for each number of clients, and what a thousand clients for a while do to the server."""
    with _server("empty", bugs) as empty, _server("guarded", bugs) as guarded, _server("ours", bugs) as ours:
        servers = {"empty": empty, "guarded": guarded, "ours": ours}
        for clients in _CLIENTS:
            _table(servers, clients, bugs)
        _crowd(ours, seconds)


def _table(servers: dict[str, Any], clients: int, bugs: int) -> None:
    rounds: list[list[Measured]] = [[] for _ in _REQUESTS]
    for _ in range(_ROUNDS):
        for place, request in enumerate(_REQUESTS):
            rounds[place].append(_measure(servers[request.server], request, clients, _SECONDS))
    best = [max(each, key=lambda measured: measured.rate) for each in rounds]
    rows = [
        [
            request.name,
            f"{found.rate:,.0f}",
            milliseconds(found.middle),
            milliseconds(found.slowest),
            f"{found.rate / best[0].rate:.2f}",
            f"{_least(those) * 1e6:,.0f}",
            f"{_least(rounds[0]) / (_least(those) or 1):.2f}",
            str(sum(each.failed for each in those)),
        ]
        for request, found, those in zip(_REQUESTS, best, rounds, strict=True)
    ]
    show(
        f"Answers over HTTP, {clients} client{'s' if clients > 1 else ''} at a time, {bugs:,} bugs",
        ["request", "in a second", "median, ms", "99th of 100, ms", "of the empty", "work, µs", "by work", "failed"],
        rows,
        f"The best of {_ROUNDS} times {_SECONDS:g} s. Wanted: a quarter of the empty route's rate for an answer that was kept.",
    )


def _least(measured: list[Measured]) -> float:
    """What an answer takes of the processor, which other programs hardly change, as they do the rate."""
    return min(each.work for each in measured)


def _crowd(server: Any, seconds: float) -> None:
    kept = _REQUESTS[2]
    _measure(server, kept, _MANY, 2.0)
    before = _resident(server["process"])
    found = _measure(server, kept, _MANY, seconds)
    after = _resident(server["process"])
    row = ["/v1/query, kept", f"{found.rate:,.0f}", milliseconds(found.middle), milliseconds(found.slowest)]
    show(
        f"A thousand clients for {seconds:g} s",
        ["request", "in a second", "median, ms", "99th of 100, ms", "failed", "MB before", "MB after"],
        [[*row, str(found.failed), f"{before:,.0f}", f"{after:,.0f}"]],
        "Wanted: none failed, and memory that does not grow.",
    )


def _measure(server: Any, request: Request, clients: int, seconds: float) -> Measured:
    """What clients in a process of their own get."""
    asked = {
        "port": server["port"],
        "path": request.path,
        "body": request.body,
        "headers": {
            "authorization": f"Bearer {server['token']}",
            **({"cache-control": "no-cache"} if request.fresh else {}),
        },
        "clients": clients,
        "seconds": seconds,
    }
    command = [sys.executable, "-m", "tests.benchmarks.clients", json.dumps(asked)]
    before = _processor(server["process"])
    told = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  our own module
    )
    worked = _processor(server["process"]) - before
    return Measured(told["rate"], told["middle"], told["slowest"], told["failed"], worked / told["answers"])


@contextmanager
def _server(kind: str, bugs: int) -> Iterator[dict[str, Any]]:
    """A server in a process of its own: its port, its token, and the process."""
    command = [sys.executable, "-m", "tests.benchmarks.served", kind, str(bugs)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        yield {**json.loads(process.stdout.readline()), "process": process.pid}
    finally:
        process.terminate()
        process.wait()


def _processor(process: int) -> float:
    """The seconds of processor time that a process has had; 0 where that cannot be read."""
    file = Path(f"/proc/{process}/stat")
    if not file.exists():
        return 0.0
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> float:
    """How much memory a process has, in MB."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return int(told.stdout) / 1000
