"""The conformance suite of the Model Context Protocol, against the server itself, on both wires.

Most scenarios call tools, resources and prompts of a test server that no product has: those are expected to fail, and listed in
`expected-<version>.yml`. A scenario that fails and is not listed fails here, and so does one that is listed and passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.conftest import HERE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

SUITE = "@modelcontextprotocol/conformance/dist/index.js"


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_the_server_conforms(node: Callable[..., subprocess.CompletedProcess[str]], url: str, version: str) -> None:
    expected = HERE / f"expected-{version}.yml"
    options = (
        "--suite",
        "all",
        "--spec-version",
        version,
        "--expected-failures",
        str(expected),
        "-o",
        f"out-{version}",
    )
    done = node(SUITE, "server", "--url", url, *options)
    summary = done.stdout[done.stdout.find("=== SUMMARY ===") :]
    assert done.returncode == 0, summary + done.stderr
    assert "passed" in summary
