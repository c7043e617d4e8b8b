"""What a shell offers while a question is typed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_given_for_the_shells(run: Run, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named = run("completion", shell)
    assert named.exit_code == 0
    assert f"_METRIC_CUBE_COMPLETE={shell}_complete" in named.stdout
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert run("completion").stdout == named.stdout


def test_a_shell_that_is_not_known_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    result = run("completion")
    assert (result.exit_code, "one of bash, zsh, fish" in result.stderr) == (2, True)


ASKED = "metric-cube query --metrics critical_bug_c"
IN_SHELLS = {
    "bash": """
        eval "$(metric-cube completion bash)"
        COMP_WORDS=(metric-cube query --metrics critical_bug_c) COMP_CWORD=3
        _metric_cube_completion metric-cube
        echo "${COMPREPLY[@]}"
    """,
    "fish": f"""
        metric-cube completion fish | source
        complete -C "{ASKED}"
    """,
    # Zsh completes only where somebody types: in a terminal of its own.
    "zsh": f"""
        zmodload zsh/zpty
        zpty inner zsh -f -i
        zpty -w inner 'autoload -Uz compinit; compinit -u; eval "$(metric-cube completion zsh)"; print REA""DY'
        zpty -r -m inner seen '*READY*'
        zpty -w -n inner $'{ASKED}\\t'
        zpty -r -m inner seen '*critical_bug_count*'
        print -r -- "$seen"
        zpty -d inner
    """,
}


@pytest.mark.parametrize("shell", IN_SHELLS)
def test_a_real_shell_completes_names_of_the_model(run: Run, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    plain = [] if shell == "fish" else ["--norc"] if shell == "bash" else ["-f"]
    done = subprocess.run(  # noqa: S603
        [shell, *plain, "-c", IN_SHELLS[shell]],
        env={**os.environ, "PATH": path, "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "critical_bug_count" in done.stdout.replace(ASKED + "\n", ""), done.stderr
