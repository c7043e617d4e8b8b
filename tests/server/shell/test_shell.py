"""The shell as a whole: scripts through a pipe, a talk at a prompt, and Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from engine import load_model, open_database
from server.settings import SHIPPED_MODEL
from server.shell.loop import run_prompt
from server.shell.prompt import history_in, open_prompt
from server.shell.session import Session
from server.shell.vocabulary import vocabulary_of

if TYPE_CHECKING:
    from tests.server.conftest import Run

SLOW = """
cubes:
  - name: numbers
    sql: WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000000) SELECT i FROM n
    dimensions:
      - name: i
        sql: i
        type: number
        primary_key: true
    measures:
      - name: how_many
        type: count
"""


def test_a_script_asks_in_every_form_and_gets_the_same_number(run: Run, database: Path) -> None:
    script = """
        bug_count where severity = critical;   -- in short
        SELECT MEASURE(bug_count) FROM testing WHERE severity = 'critical';
        {"metrics": ["bug_count"], "filters": {"severity": "critical"}}
    """
    result = run("shell", given=script)
    assert result.exit_code == 0, result.stderr
    sql = (
        "SELECT COUNT(*) FROM bugs JOIN tests ON tests.id = test_id "
        "WHERE severity = 'critical' AND tests.status IN ('running', 'locked', 'archived')"
    )
    with closing(sqlite3.connect(database)) as connection:
        (wanted,) = connection.execute(sql).fetchone()
    found = [line.strip() for line in result.stdout.splitlines() if line.strip().isdigit()]
    assert found == [str(wanted)] * 3


def test_a_mistake_ends_a_script_with_its_line_its_place_and_its_code(run: Run) -> None:
    script = "bug_count;\n\nSELECT severity\nFROM testing\nWHERE severty = 'x' GROUP BY 1;\n\\? \n"
    result = run("shell", given=script)
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert told[0].startswith("Error: line 5: There is no dimension or metric or segment 'severty'")
    assert told[1:3] == ["  WHERE severty = 'x' GROUP BY 1", "        ^"]
    assert 'Did you mean "severity"' in told[3]
    assert "Questions end with ;" not in result.stdout


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        ("\\x", 1, "no command \\x"),
        ("\\timin", 1, "Did you mean \\timing?"),
        ("bug_count severity;", 1, "no list of names"),
        ("{nonsense;", 1, "no JSON"),
        ("bug_cnt;", 1, 'Did you mean "bug_count"?'),
        ("\\sql", 1, "Nothing has been asked yet"),
        ("\\e", 1, "Nothing has been asked yet"),
        ("\\chart", 1, "Nothing has been asked yet"),
        ("\\chart perhaps", 1, "on or off"),
        ("\\set colour red", 1, "no setting colour"),
        ("\\unset colour", 1, "no setting colour"),
        ("\\set timezone Mars/Base", 1, "no time zone"),
        ("\\o bugs.docx", 1, "ends in none of"),
        ("\\d severty", 1, "Did you mean severity?"),
        ("\\dv nowhere", 1, "Views are testing"),
        ("\\q\nbug_cnt;", 0, ""),
        ("exit\nbug_cnt;", 0, ""),
        ("help\nquit;\nbug_cnt;", 0, ""),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(run: Run, script: str, code: int, told: str) -> None:
    result = run("shell", given=script)
    assert (result.exit_code, told in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.stderr


def test_commands_do_what_they_say(run: Run) -> None:
    script = "\\d severity\n\\dv\nbug_count by severity;\n\\e\n\\sql bug_count by month\n\\chart\n\\timing on\nbug_count;\n\\?"
    out = run("shell", given=script).stdout
    assert "How bad the bug is" in out
    assert "testing" in out
    assert "Bugs by severity" in out
    assert "COUNT(*) AS bug_count" in out
    assert "█" in out
    assert "Time: " in out
    assert "\\unset timezone" in out


def test_charts_take_the_place_of_tables(run: Run) -> None:
    out = run("shell", given="\\chart on\nbug_count by severity;\n\\chart off\nbug_count by severity;").stdout
    drawn, _, listed = out.partition("Answers are shown as tables.")
    assert ("█" in drawn, "──" in drawn) == (True, False)
    assert ("█" in listed, "──" in listed) == (False, True)


def test_one_answer_is_written_to_a_file_and_the_next_is_shown(run: Run) -> None:
    result = run("shell", given="\\o bugs.json\nbug_count by severity;\nbug_count;\n\\o x.svg\n\\o\ntest_count;")
    assert result.exit_code == 0, result.stderr
    assert len(json.loads(Path("bugs.json").read_text())["rows"]) == 6
    assert [line for line in result.stdout.splitlines() if line.endswith("_count")] == ["bug_count", "test_count"]
    assert not Path("x.svg").exists()


def test_the_time_zone_of_the_session_holds_until_it_is_unset(run: Run) -> None:
    asked = "\\o one.json\nSELECT MEASURE(bug_count) FROM testing;\n\\unset timezone\n\\o two.json\nbug_count;"
    assert run("shell", given=f"\\set timezone Asia/Tokyo\n{asked}").exit_code == 0
    zones = [json.loads(Path(name).read_text())["query"]["time_zone"] for name in ("one.json", "two.json")]
    assert zones == ["Asia/Tokyo", "UTC"]


def test_a_database_that_is_missing_is_told_once_and_the_code_is_its_own(run: Run) -> None:
    assert run("shell", "--database", "nowhere.sqlite", given="bug_count;").exit_code == 3


def test_at_the_prompt_a_mistake_is_told_and_the_talk_goes_on(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "data" / "history"

    async def talk() -> None:
        model = load_model(SHIPPED_MODEL)
        async with open_database(str(database)) as opened:
            session = Session(model, opened, {"customer_id": 1})
            with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
                keys.send_text("bug_cnt;\rbug_count\rby severity;\r\x03\\q\r")
                await run_prompt(session, open_prompt("testio", vocabulary_of(model, {}), history))

    asyncio.run(talk())
    told = capsys.readouterr()
    assert 'Did you mean "bug_count"?' in told.err
    assert "critical" in told.out
    kept = history.read_text()
    assert [line for line in kept.splitlines() if line.startswith("+")] == [
        "+bug_cnt;",
        "+bug_count",
        "+by severity;",
        "+\\q",
    ]
    assert history.stat().st_mode & 0o077 == 0


def test_without_a_place_for_it_the_history_lasts_for_the_session(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = history_in(tmp_path / "file" / "history")
    history.append_string("bug_count;")
    assert history.get_strings() == ["bug_count;"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_ctrl_c_stops_the_question_in_the_database(tmp_path: Path) -> None:
    model = tmp_path / "slow.yml"
    model.write_text(SLOW)
    program = [
        sys.executable,
        "-m",
        "server",
        "shell",
        "--model",
        str(model),
        "--database",
        str(tmp_path / "one.sqlite"),
    ]
    with closing(sqlite3.connect(tmp_path / "one.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE one (id INTEGER)")
    process = subprocess.Popen(  # noqa: S603
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write("\\timing\nhow_many;\n\\?\n")
    process.stdin.close()
    assert process.stdout is not None
    assert process.stdout.readline() == "Timing is on.\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=20)
    assert process.stderr is not None
    assert (code, process.stderr.read()) == (130, "Stopped.\n")
    process.stdout.close()
    process.stderr.close()
