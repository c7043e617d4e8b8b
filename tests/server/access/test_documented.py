"""What docs/access.md says works."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.access.reading import FILE, ISSUER, LIMITS, TOKEN, read_access_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Run

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = DOCS / "examples" / "access.toml"


def test_the_example_is_read_and_has_every_property() -> None:
    found = read_access_file(EXAMPLE, {"METRICS_TOKEN": "m" * 24, "CUBEJS_API_SECRET": "s" * 32})
    assert (len(found.tokens), len(found.issuers)) == (2, 2)
    text = EXAMPLE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\[*([a-z_0-9]+)", text, re.MULTILINE))
    assert (set(FILE) | set(LIMITS) | set(TOKEN) | set(ISSUER)) - named == {"jwks_file"}
    assert "jwks_file" in (DOCS / "access.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "metrics.example.com"])  # noqa: S104
def test_nothing_is_served_to_others_without_an_access_file(run: Run, host: str) -> None:
    told = run("serve", "--transport", "http", "--host", host)
    assert told.exit_code == 2
    assert "nothing says who may see what" in told.stderr
    assert "--access" in told.stderr


def test_a_server_for_others_has_to_know_where_they_reach_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "access.toml").write_text(run("token", "a").stdout, encoding="utf-8")
    told = run("serve", "--transport", "http", "--host", "0.0.0.0", "--access", "access.toml")  # noqa: S104
    assert told.exit_code == 2
    assert 'url = "https://' in told.stderr


def test_an_access_file_that_is_wrong_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "access.toml").write_text("[[tokens]]\nnme = 'a'\n", encoding="utf-8")
    told = run("serve", "--transport", "http", "--access", "access.toml")
    assert told.exit_code == 1
    assert told.stderr.count("E_ACCESS_FILE") == 4
    assert 'Did you mean "name"?' in told.stderr
    assert run("serve", "--access", "access.toml").exit_code == 2


@contextmanager
def serving(database: Path, folder: Path) -> Iterator[str]:
    """The URL of a server that the command line starts; it has to end well when it is told to."""
    command = [sys.executable, "-m", "server", "serve", "--transport", "http", "--port", "0", "--access", "access.toml"]
    environment = {**os.environ, "METRIC_CUBE_DATABASE": str(database), "TESTIO_CUSTOMER_ID": "1"}
    with subprocess.Popen(  # noqa: S603  our own module
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            yield line.split()[2].rstrip(":;")
        finally:
            process.send_signal(signal.SIGTERM)
            log = process.stderr.read()
    assert process.returncode == 0, log
    assert all(json.loads(each) for each in log.splitlines())


def asked(url: str, token: str | None) -> tuple[int, bytes]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_commands_lead_from_a_token_to_an_answer(run: Run, database: Path, tmp_path: Path) -> None:
    mine, other = (
        run("token", name, "--security", f"customer_id={number}") for name, number in (("mine", 1), ("other", 2))
    )
    (tmp_path / "access.toml").write_text(mine.stdout + other.stdout, encoding="utf-8")
    with serving(database, tmp_path) as url:
        question = f"{url}/v1/query?metrics=bug_count"
        status, body = asked(question, mine.stderr.split()[-1])
        assert status == 200
        assert json.loads(body)["rows"][0][0] > 0
        # TESTIO_CUSTOMER_ID is set: with an access file, only the token says whose rows are seen.
        status, body = asked(question, other.stderr.split()[-1])
        assert (status, json.loads(body)["rows"]) == (200, [[0]])
        assert asked(question, None)[0] == 401
        assert asked(f"{url}/readyz", None)[0] == 200
