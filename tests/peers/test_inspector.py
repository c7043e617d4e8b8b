"""The inspector, a client in TypeScript: it lints the schemas of the tools, and calls them in both eras."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Node = Callable[..., subprocess.CompletedProcess[str]]

SCRIPT = "@modelcontextprotocol/inspector/clients/launcher/build/index.js"


def _target(
    transport: str, url: str, command: tuple[list[str], dict[str, str]]
) -> tuple[tuple[str, ...], dict[str, str]]:
    words, environment = command
    return (("--server-url", url), {}) if transport == "http" else (tuple(words), environment)


def _inspect(node: Node, target: tuple[tuple[str, ...], dict[str, str]], *options: str) -> tuple[Any, str]:
    words, environment = target
    passed = tuple(part for name, value in environment.items() for part in ("-e", f"{name}={value}"))
    done = node(SCRIPT, "--cli", *options, "--format", "json", "-q", *passed, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])["result"], done.stderr


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_its_linter_finds_nothing_in_the_schemas(
    node: Node, url: str, command: tuple[list[str], dict[str, str]], transport: str
) -> None:
    found, told = _inspect(node, _target(transport, url, command), "--method", "tools/list", "--strict")
    assert [tool["name"] for tool in found["tools"]][:2] == ["query_metrics", "get_analytics_capabilities"]
    assert "Warning" not in told
    assert "Error" not in told


@pytest.mark.parametrize("transport", ["http", "stdio"])
@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_it_gets_an_answer_in_both_eras(
    node: Node, url: str, command: tuple[list[str], dict[str, str]], transport: str, era: str
) -> None:
    call = ("--method", "tools/call", "--tool-name", "query_metrics", "--tool-args-json", '{"metrics": ["bug_count"]}')
    found, _ = _inspect(node, _target(transport, url, command), "--protocol-era", era, *call)
    assert json.loads(found["content"][0]["text"]) == found["structuredContent"]
    assert found["structuredContent"]["row_count"] == 1


def test_it_finds_the_page_that_shows_an_answer(node: Node, url: str) -> None:
    done = node(SCRIPT, "--cli", "--method", "tools/list", "--app-info", "--format", "json", "-q", "--server-url", url)
    apps = [json.loads(line) for line in done.stdout.splitlines()]
    (page,) = (each for each in apps if each["hasApp"])
    assert page["toolName"] == "query_metrics"
    assert page["resourceMimeType"] == "text/html;profile=mcp-app"
    assert page["csp"] == {"connectDomains": [], "resourceDomains": []}
