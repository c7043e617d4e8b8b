"""The server as hosts start it: a process of its own, spoken to over stdin and stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from server.agents.probe import ask_over_stdio
from tests.server.serving import WARNED

if TYPE_CHECKING:
    from pathlib import Path

HANDSHAKE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def spoken(database: Path, *requests: dict[str, Any], options: tuple[str, ...] = ()) -> dict[int, dict[str, Any]]:
    """What the server answers to these requests, by id; every line of stdout is a message of the protocol."""
    environment = {**os.environ, "METRIC_CUBE_DATABASE": str(database), "TESTIO_CUSTOMER_ID": "1"}
    command = [sys.executable, "-m", "server", "serve", *options]
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers: dict[int, dict[str, Any]] = {}
        for request in requests:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **request}) + "\n")
            process.stdin.flush()
            if "id" in request:
                answers[request["id"]] = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.stdout.read() == ""
    assert process.returncode == 0
    return answers


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A call of a tool after the handshake."""
    return {"id": 2, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


@pytest.mark.anyio
async def test_a_client_of_today_gets_an_answer(database: Path) -> None:
    answer = await ask_over_stdio({"metrics": ["bug_count"]}, database, 1)
    assert answer["row_count"] == 1


@pytest.mark.parametrize("protocol", ["auto", "legacy"])
def test_a_client_that_shakes_hands_gets_an_answer(database: Path, protocol: str) -> None:
    answers = spoken(
        database,
        {"id": 1, "method": "initialize", "params": HANDSHAKE},
        {"method": "notifications/initialized"},
        call("query_metrics", {"metrics": ["bug_count"], "dimensions": ["severity"]}),
        options=("--protocol", protocol),
    )
    assert answers[1]["result"]["protocolVersion"] == "2025-06-18"
    assert answers[1]["result"]["serverInfo"]["name"] == "metric-cube"
    assert answers[2]["result"]["structuredContent"]["row_count"] == 6


def test_the_legacy_protocol_lets_clients_fall_back_after_discovery(database: Path) -> None:
    discover = {"id": 1, "method": "server/discover", "params": {}}
    shake = {"id": 3, "method": "initialize", "params": HANDSHAKE}
    answers = spoken(database, discover, shake, options=("--protocol", "legacy"))
    assert answers[1]["error"]["code"] == -32601
    assert answers[3]["result"]["serverInfo"]["name"] == "metric-cube"


def test_a_missing_database_is_told_before_anything_is_served(tmp_path: Path) -> None:
    environment = {**os.environ, "METRIC_CUBE_DATABASE": str(tmp_path / "nowhere.sqlite")}
    command = [sys.executable, "-m", "server", "serve"]
    done = subprocess.run(  # noqa: S603  our own program
        command, input="", capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "metric-cube sync" in done.stderr


def test_warnings_of_a_model_are_told_beside_the_protocol(database: Path, tmp_path: Path, capfd: Any) -> None:
    (tmp_path / "model.yml").write_text(WARNED)
    shake = {"id": 1, "method": "initialize", "params": HANDSHAKE}
    answers = spoken(database, shake, options=("--model", str(tmp_path), "--no-refresh"))
    assert answers[1]["result"]["protocolVersion"]
    told = capfd.readouterr().err
    assert "model.yml:7:" in told
    assert "[W_DIVISION]" in told
