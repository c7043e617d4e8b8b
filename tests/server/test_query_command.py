"""`metric-cube query`, `sql`, `explain`, `replay` and `capabilities`: answers as people and programs read them."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from tests.server.screens import on_a_screen
from tests.server.serving import WARNED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Run


def test_a_question_gets_a_table_an_explanation_and_the_time_taken(run: Run) -> None:
    result = run("query", "--metrics", "bug_count,rejection_rate", "--dimensions", "severity", "--sort", "-bug_count")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["severity", "bug_count", "rejection_rate"]
    assert lines[2].rstrip().endswith("%")
    assert "Bugs and rejection rate by severity" in result.stdout
    assert "ms in the database" in lines[-1]
    assert all(line == line.rstrip() for line in lines)


def test_json_is_one_object_with_the_rows_and_how_they_were_made(run: Run, database: Path) -> None:
    result = run("query", "-m", "bug_count", "-f", "test_status in running,locked,archived", "--format", "json")
    answer = json.loads(result.stdout)
    with closing(sqlite3.connect(database)) as connection, connection:
        sql = "SELECT COUNT(*) FROM bugs JOIN tests ON tests.id = test_id WHERE tests.status IN ('running', 'locked', 'archived')"
        assert answer["rows"] == [list(connection.execute(sql).fetchone())]
    connection.close()
    assert answer["row_count"] == 1
    assert answer["model"]["name"] == "testio"
    assert answer["replay"]["query"]["measures"] == ["bug_count"]


def test_csv_holds_plain_values(run: Run) -> None:
    result = run("query", "-m", "bug_count,bugs_per_test", "-d", "feature,month", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["feature_id", "feature", "month", "bug_count", "bugs_per_test"]
    assert all(len(row["month"]) in {0, 10} for row in rows)
    float(rows[0]["bugs_per_test"])


def test_markdown_is_a_table_with_numbers_to_the_right(run: Run) -> None:
    result = run("query", "-m", "bug_count", "-d", "severity", "--format", "markdown")
    assert result.stdout.startswith("| severity | bug_count |\n| --- | ---: |\n")


def test_a_chart_of_letters_stands_over_the_account(run: Run) -> None:
    lines = run("query", "-m", "bug_count", "-d", "severity", "--format", "chart").stdout.splitlines()
    assert lines[0] == "Bugs by severity"
    assert lines[2].split()[0] == "low"
    assert len(set(lines[2].split()[1])) == 1
    assert "ms in the database" in lines[-1]
    assert not any("──" in line for line in lines)


def test_nothing_is_shown_as_none_and_totals_stand_below_a_line(run: Run) -> None:
    result = run("query", "-m", "bug_count", "-d", "feature", "--totals")
    assert "(none)" in result.stdout
    assert result.stdout.split("\n\n")[0].splitlines()[-1].split()[0] == "Total"


def test_weeks_months_and_quarters_have_their_names(run: Run) -> None:
    out = run("query", "-m", "test_count", "-d", "week,month,quarter", "--format", "markdown").stdout
    week, month, quarter = [cell.strip() for cell in out.splitlines()[2].strip("| ").split("|")][:3]
    assert week[4:6] == "-W"
    assert month[4] == "-"
    assert quarter[4:6] == "-Q"


@pytest.mark.parametrize(
    "query",
    [
        {"metrics": ["bug_count"], "dimensions": ["severity"]},
        {"measures": ["testing.bug_count"], "dimensions": ["testing.severity"]},
    ],
    ids=["flat", "cube"],
)
def test_a_whole_query_comes_as_json_from_the_line_a_file_or_stdin(
    run: Run, tmp_path: Path, query: dict[str, list[str]]
) -> None:
    text = json.dumps(query)
    (tmp_path / "query.json").write_text(text)
    answers = [
        run("query", "--json", text, "--format", "csv"),
        run("query", "--json", "@query.json", "--format", "csv"),
        run("query", "--json", "-", "--format", "csv", given=text),
    ]
    assert [each.exit_code for each in answers] == [0, 0, 0]
    assert len({each.stdout.partition("\n")[2] for each in answers}) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["-m", "bug_cnt"], 1, 'Did you mean "bug_count"?'),
        (["-m", "bug_count", "-d", "platform"], 1, "bug_platform"),
        (["-m", "bug_count", "-d", "feature,tester,severity,status"], 1, "at most 3"),
        (["-m", "bug_count", "--from", "last blubb"], 1, "not a date"),
        (["-m", "bug_count", "-f", "severity=crit"], 1, "critical"),
        (["-m", "bug_count", "--limit", "5000"], 1, "at most 1000"),
        (["-m", "bug_count", "--limit", "x"], 2, "not a valid integer"),
        (["-m", "bug_count", "-f", "severity"], 2, "is no filter"),
        (["--json", "{nonsense"], 2, "no JSON"),
        (["--json", "[1]"], 2, "no JSON object"),
        (["--json", "@nowhere.json"], 2, "cannot be read"),
        (["--json", "{}", "-m", "bug_count"], 2, "whole query"),
        ([], 2, "Nothing is asked"),
        (["-m", "bug_count", "--database", "nowhere.sqlite"], 3, "no database"),
        (["-m", "bug_count", "--model", "nowhere"], 1, "no file or folder"),
        (["-m", "bug_count", "--security", "x"], 2, "name=value"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix_and_an_exit_code(
    run: Run, arguments: list[str], code: int, told: str
) -> None:
    result = run("query", *arguments)
    assert (result.exit_code, told in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_all_mistakes_of_a_query_are_told_at_once(run: Run) -> None:
    errors = run("query", "-m", "bug_cnt", "-d", "featur", "-f", "severity=crit").stderr
    assert errors.count("Error:") == 3


def test_a_refusal_is_json_where_json_was_asked_for(run: Run) -> None:
    result = run("query", "-m", "bug_cnt", "--format", "json")
    issue = json.loads(result.stdout)["error"]["issues"][0]
    assert (result.exit_code, issue["code"], issue["candidates"]) == (1, "E_NAME_NOT_FOUND", ["bug_count"])


def test_a_foreign_file_is_no_database(run: Run, tmp_path: Path) -> None:
    (tmp_path / "foreign.sqlite").write_text("not a database at all, but long enough to look at" * 30)
    (tmp_path / "empty.sqlite").touch()
    foreign = run("query", "-m", "bug_count", "--database", "foreign.sqlite")
    empty = run("query", "-m", "bug_count", "--database", "empty.sqlite")
    assert (foreign.exit_code, "not a SQLite database" in foreign.stderr) == (3, True)
    assert (empty.exit_code, "metric-cube sync" in empty.stderr) == (3, True)


def test_without_a_customer_nothing_is_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TESTIO_CUSTOMER_ID")
    refused = run("query", "-m", "bug_count")
    assert (refused.exit_code, "customer_id" in refused.stderr) == (1, True)
    assert run("query", "-m", "bug_count", "--security", "customer_id=1").exit_code == 0
    other = run("query", "-m", "bug_count", "--security", "customer_id=2", "--format", "json")
    assert json.loads(other.stdout)["rows"] == [[0]]


def test_an_empty_answer_says_which_filter_emptied_it(run: Run) -> None:
    result = run("query", "-m", "bug_count", "-d", "severity", "-f", "feature=Nowhere")
    assert result.exit_code == 0
    assert "feature Nowhere" in result.stdout
    assert "0 rows" in result.stdout


def test_sql_is_printed_with_its_parameters_and_runs_as_printed(run: Run, database: Path) -> None:
    printed = run("sql", "-m", "bug_count", "-f", "severity=critical").stdout
    assert "critical" in printed.partition("-- ")[2]
    parts = json.loads(run("sql", "-m", "bug_count", "-f", "severity=critical", "--format", "json").stdout)
    connection = sqlite3.connect(database)
    rows = connection.execute(parts["sql"], parts["parameters"]).fetchall()
    connection.close()
    answer = json.loads(run("query", "-m", "bug_count", "-f", "severity=critical", "--format", "json").stdout)
    assert [list(row) for row in rows] == answer["rows"]


def test_a_question_is_explained_without_a_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRIC_CUBE_DATABASE", "nowhere.sqlite")
    told = run("explain", "-m", "bugs_per_test", "-d", "feature").stdout
    assert "tests → test_features → features" in told
    assert json.loads(run("explain", "-m", "bug_count", "--format", "json").stdout)["sentence"]


def test_a_saved_answer_is_asked_again(run: Run, tmp_path: Path) -> None:
    saved = run("query", "-m", "bug_count", "-d", "month", "--during", "last 90 days", "--format", "json").stdout
    (tmp_path / "answer.json").write_text(saved)
    again = run("replay", "answer.json", "--format", "json")
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["rows"] == json.loads(saved)["rows"]
    assert "The rows are the same" in again.stderr


def test_a_replay_tells_what_has_changed(run: Run, tmp_path: Path) -> None:
    saved = json.loads(run("query", "-m", "bug_count", "-d", "severity", "--format", "json").stdout)
    saved["rows"][0][1] += 1
    saved["model"]["digest"] = "another"
    (tmp_path / "answer.json").write_text(json.dumps(saved))
    told = run("replay", "answer.json").stderr
    assert "another one than the answer's" in told
    assert "1 of 6 are gone, 1 are new" in told


@pytest.mark.parametrize("text", ["{}", "nonsense", '{"rows": []}'])
def test_what_is_no_saved_answer_is_refused(run: Run, text: str) -> None:
    assert run("replay", "-", given=text).exit_code == 2


def test_capabilities_list_what_can_be_asked(run: Run) -> None:
    whole = run("capabilities").stdout
    assert "bugs_per_test" in whole
    assert "platform: only with test_count" in whole
    assert "At most 3 dimensions" in whole
    narrowed = run("capabilities", "acceptance", "--detail").stdout
    assert "bugs_per_test" not in narrowed
    assert "manual acceptance rate" in narrowed
    assert "Nothing is known" in run("capabilities", "nonsense").stdout
    assert json.loads(run("capabilities", "--format", "json").stdout)["limits"]["rows"] == 1000


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "chart"])
def test_every_letter_is_written_whatever_the_encoding_of_the_screen(database: Path, tmp_path: Path, form: str) -> None:
    model = tmp_path / "model.yml"
    model.write_text(
        "cubes:\n  - name: bugs\n    sql_table: bugs\n    dimensions:\n"
        "      - {name: city, sql: \"'Zürich → 東京'\", type: string}\n    measures: [{name: count, type: count}]\n"
    )
    command = [sys.executable, "-m", "server", "query", "--model", str(model), "--database", str(database)]
    command += ["-m", "bugs.count", "-d", "bugs.city", "--limit", "1", "--no-refresh", "--format", form]
    environment = {**os.environ, "PYTHONIOENCODING": "iso8859-1", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)  # noqa: S603  our own program
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode("iso8859-1")
    if form == "json":
        assert json.loads(text)["rows"][0][0] == "Zürich → 東京"
    else:
        assert r"Zürich \u2192 \u6771\u4eac" in text


def _on_a_screen(database: Path, columns: int, *arguments: str) -> str:
    """What a command prints on a screen of so many columns."""
    return on_a_screen(columns, *arguments, METRIC_CUBE_DATABASE=str(database), TESTIO_CUSTOMER_ID="1")


def test_a_table_that_a_screen_is_too_narrow_for_is_shown_row_after_row(database: Path) -> None:
    asked = ("query", "-m", "bug_count,rejection_rate", "-d", "feature,severity,month", "--limit", "2", "--totals")
    wide, narrow = (_on_a_screen(database, columns, *asked) for columns in (120, 44))
    head, _, *rows = (line.split("   ") for line in wide.splitlines()[:4])
    assert "row 1" not in wide
    for text in filter(None, (each.strip() for line in (head, *rows) for each in line)):
        assert text in narrow
    assert all(cell_len(line) <= 44 for line in narrow.splitlines())
    assert narrow.count("rejection_rate  ") == 3


def test_an_explanation_is_broken_between_words(database: Path) -> None:
    told = _on_a_screen(database, 40, "explain", "-m", "bug_count", "-d", "tester")
    assert all(len(line) <= 40 for line in told.splitlines())
    assert "locked or archived" in " ".join(told.split())


def test_what_can_be_asked_is_listed_without_breaking_words(database: Path) -> None:
    told = _on_a_screen(database, 44, "capabilities", "acceptance")
    assert all(cell_len(line) <= 44 for line in told.splitlines())
    assert "active_acceptance_rate" in told
    assert "Bugs accepted by hand" in " ".join(told.split())


@pytest.mark.parametrize("command", [("query", "-m", "bugs.bug_count", "--format", "csv"), ("capabilities",)])
def test_a_model_with_warnings_is_told_of_at_a_terminal_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (tmp_path / "model.yml").write_text(WARNED)
    silent = run(*command, "--model", "model.yml")
    assert (silent.exit_code, silent.stderr) == (0, "")
    monkeypatch.setattr("server.commands.options.is_watched", lambda: True)
    told = run(*command, "--model", "model.yml")
    assert told.stderr == "1 warning in the model; `metric-cube check model.yml` shows it.\n"
    assert told.stdout == silent.stdout
