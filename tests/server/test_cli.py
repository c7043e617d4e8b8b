"""The command line as a whole: help, exit codes, signals and what is imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from server.cli import commands
from server.commands import query as query_module
from server.settings import SHIPPED_MODEL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Run

NAMES = commands.list_commands(click.Context(commands))


@pytest.mark.parametrize("name", NAMES)
def test_every_command_and_option_says_what_it_does(run: Run, name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []
    assert run(name, "--help").exit_code == 0


def test_the_list_of_commands_names_all_of_them(run: Run) -> None:
    told = run("--help").stdout
    assert [name for name in NAMES if f"\n  {name} " not in told] == []


def test_an_unknown_command_offers_the_nearest(run: Run) -> None:
    result = run("quer")
    assert (result.exit_code, "Did you mean 'query'?" in result.stderr) == (2, True)


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout.startswith("metric-cube ")


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_bug_of_ours_is_told_without_a_traceback_unless_one_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def broken(_question: object) -> None:
        raise RuntimeError("the cat sat on it")

    monkeypatch.setattr(query_module, "question_of", broken)
    quiet = run("query", "-m", "bug_count")
    assert (quiet.exit_code, "the cat sat on it" in quiet.stderr) == (70, True)
    assert "Traceback" not in quiet.stderr
    arguments = ["--debug", "query"] if place == "before" else ["query", "--debug"]
    assert "Traceback" in run(*arguments).stderr


HEAVY = {
    "aiosqlite",
    "asyncio",
    "httpx",
    "ingest",
    "jinja2",
    "jsonschema",
    "mcp",
    "prompt_toolkit",
    "rich",
    "sqlalchemy",
    "starlette",
}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], {*HEAVY, "engine", "sqlglot", "yaml"}),
        (["query", "--help"], HEAVY - {"asyncio"} | {"sqlglot", "yaml"}),
        (["sql", "--help"], {*HEAVY, "sqlglot", "yaml"}),
        (["completion", "fish"], {*HEAVY, "engine", "sqlglot"}),
        (["check", str(SHIPPED_MODEL)], HEAVY),
        (["sql", "-m", "bug_count", "--security", "customer_id=1"], HEAVY),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) and len(each) < 3 else "",
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(arguments: list[str], heavy: set[str]) -> None:
    script = (
        "import sys\n"
        "from server.cli import commands\n"
        f"commands.main({arguments!r}, standalone_mode=False)\n"
        f"heavy = {heavy!r} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_no_error(database: Path) -> None:
    command = [sys.executable, "-m", "server", "query", "-m", "bug_count", "-d", "test,severity", "--format", "csv"]
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(database)
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_ctrl_c_stops_the_simulator_in_peace(database: Path) -> None:
    command = [sys.executable, "-m", "server", "simulate", "--port", "0", "--tests", "5", "--bugs", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert "A simulated TestIO API" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert out.rstrip().endswith("Stopped.")


def test_the_demo_answers_three_questions_and_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    result = run("demo")
    assert result.exit_code == 0, result.stderr
    assert "1. Which feature has the most critical bugs?" in result.stdout
    assert "2. Who tested " in result.stdout
    assert "3. What is the bug density trend by month?" in result.stdout
    assert "The rows are those of the terminal." in result.stdout
    assert list(tmp_path.iterdir()) == []


def _environment(database: Path) -> dict[str, str]:
    return {**os.environ, "METRIC_CUBE_DATABASE": str(database), "TESTIO_CUSTOMER_ID": "1"}
