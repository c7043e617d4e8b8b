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
    "bash": f"""
        eval "$(metric-cube completion bash)"
        COMP_LINE="{ASKED}" COMP_POINT={len(ASKED)}
        _metric_cube_completion metric-cube
        echo "${{COMPREPLY[@]}}"
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


def _in_shell(shell: str, script: str) -> str:
    """What a shell prints that runs a script and has this program on its path."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    plain = [] if shell == "fish" else ["--norc"] if shell == "bash" else ["-f"]
    done = subprocess.run(  # noqa: S603
        [shell, *plain, "-c", script],
        env={**os.environ, "PATH": path, "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", IN_SHELLS)
def test_a_real_shell_completes_names_of_the_model(shell: str) -> None:
    assert "critical_bug_count" in _in_shell(shell, IN_SHELLS[shell]).replace(ASKED + "\n", "")


LINES = {
    "metric-cube query -m bug_count,rej": ("bug_count,rejection_rate", "bug_count,rejection_rate"),
    "metric-cube query -f severity=cr": ("critical", "severity=critical"),
    "metric-cube sql --filter=seve": ("severity=", "--filter=severity="),
    "metric-cube sql --filter=severity=cr": ("critical", "--filter=severity=critical"),
    "metric-cube query --form": ("--format", "--format"),
    "metric-cube check /usr/bi": ("", "/usr/bin/"),
    "metric-cube query --model /usr/bi": ("", "/usr/bin/"),
    "metric-cube query --model=/usr/bi": ("", "--model=/usr/bin/"),
}
"""What bash puts behind the last `=`, and fish in the place of the whole word; bash looks for files itself."""


def test_bash_completes_behind_commas_and_equals_signs() -> None:
    asked = "\n".join(
        f"COMP_LINE='{line}' COMP_POINT={len(line)}; _metric_cube_completion metric-cube; echo \"${{COMPREPLY[*]}}\""
        for line in LINES
    )
    told = _in_shell("bash", f'eval "$(metric-cube completion bash)"\n{asked}')
    assert told.splitlines() == [bash for bash, _ in LINES.values()]


def test_fish_completes_behind_commas_and_equals_signs() -> None:
    asked = "\n".join(f"complete -C '{line}'" for line in LINES)
    told = _in_shell("fish", f"metric-cube completion fish | source\n{asked}")
    assert [line.split("\t")[0] for line in told.splitlines() if line] == [fish for _, fish in LINES.values()]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("metric-cube query --model /usr/bi", "--model /usr/bin/"),
        ("metric-cube query --model=/usr/bi", "--model=/usr/bin/"),
        ("metric-cube sql --filter=severity=cr", "--filter=severity=critical"),
        ("metric-cube query -m bug_count,rej", "-m bug_count,rejection_rate"),
    ],
)
def test_zsh_completes_behind_commas_and_equals_signs(line: str, completed: str) -> None:
    script = IN_SHELLS["zsh"].replace(ASKED, line).replace("critical_bug_count", completed.rpartition("=")[2][-8:])
    assert completed in _in_shell("zsh", script).replace("\x07", "")
