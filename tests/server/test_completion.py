"""What a shell offers while a question is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.shell_completion import ShellComplete

from server.cli import commands

if TYPE_CHECKING:
    from tests.server.conftest import Run


@pytest.mark.parametrize(
    ("typed", "incomplete", "offered"),
    [
        ([], "que", ["query"]),
        (["query"], "--metr", ["--metrics"]),
        (["query", "--metrics"], "critical_bug", ["critical_bug_count", "critical_bugs_per_test"]),
        (["query", "--metrics"], "bug_count,critical_bug_", ["bug_count,critical_bug_count"]),
        (["query", "-d"], "test_s", ["test_status"]),
        (["query", "-f"], "seve", ["severity="]),
        (["query", "-f"], "severity=c", ["severity=critical", "severity=content", "severity=custom"]),
        (["query", "-m", "bug_count", "-d", "feature", "--sort"], "b", ["bug_count"]),
        (["query", "--model", "nowhere", "-m"], "bug", []),
        (["check", "--format"], "g", ["github"]),
    ],
)
def test_the_shell_is_offered_what_fits(run: Run, typed: list[str], incomplete: str, offered: list[str]) -> None:
    completion = ShellComplete(commands, {}, "metric-cube", "_METRIC_CUBE_COMPLETE")
    found = [item.value for item in completion.get_completions(typed, incomplete)]
    assert found == offered


def test_completion_scripts_are_given_for_the_shells(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(commands, click.Group)
    monkeypatch.setenv("_METRIC_CUBE_COMPLETE", "bash_source")
    assert "_METRIC_CUBE_COMPLETE=bash_complete" in run().stdout
