"""`metric-cube serve --transport http` as a process: it says where it is, answers, and ends when it is told to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import Run


@contextmanager
def started(database: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own, and its URL; it is ended in any case."""
    environment = {**os.environ, "METRIC_CUBE_DATABASE": str(database), "TESTIO_CUSTOMER_ID": "1"}
    environment.pop("TESTIO_API_TOKEN", None)
    command = [sys.executable, "-m", "server", "serve", "--transport", "http", "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603  ours
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found is not None, said
            yield process, found[0]
        finally:
            process.kill()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_answers_and_ends_when_it_is_told_to(database: Path, told: signal.Signals) -> None:
    with started(database) as (process, url):
        asked = {"metrics": ["bug_count"]}
        response = httpx.post(f"{url}/v1/query", json=asked, timeout=30)
        assert response.json()["row_count"] == 1
        assert httpx.get(f"{url}/readyz", timeout=30).status_code == 200
        assert httpx.get(f"{url}/docs", timeout=30).status_code == 200
        process.send_signal(told)
        assert process.wait(timeout=30) == 0


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("serve", "--transport", "http", "--port", str(taken.getsockname()[1]))
    assert refused.exit_code == 1
    assert "Name another with --host and --port" in refused.stderr


def test_others_are_not_let_in_unless_something_says_who(run: Run) -> None:
    refused = run("serve", "--transport", "http", "--host", "0.0.0.0")  # noqa: S104  it is refused
    assert refused.exit_code != 0
    assert "Others could reach this server" in refused.stderr


def test_warnings_of_the_model_are_lines_of_the_log(database: Path, tmp_path: Path) -> None:
    cube = """cubes:
  - name: bugs
    sql_table: bugs
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
    measures: [{name: half, sql: "id / 2", type: sum}]
"""
    (tmp_path / "model.yml").write_text(cube)
    environment = {**os.environ, "METRIC_CUBE_DATABASE": str(database)}
    environment.pop("TESTIO_API_TOKEN", None)
    command = [sys.executable, "-m", "server", "serve", "--transport", "http", "--port", "0", "--model", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603  ours
        try:
            assert process.stderr is not None
            line = json.loads(process.stderr.readline())
        finally:
            process.kill()
    assert (line["kind"], line["logger"]) == ("warning", "server.service.models")
    assert (line["issue"]["code"], line["issue"]["place"]["file"]) == ("W_DIVISION", str(tmp_path / "model.yml"))
