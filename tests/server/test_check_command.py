"""`metric-cube check`: every mistake with its place, for people, programs and annotations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine import Issue
from engine.errors import Place
from server.commands.check import annotation
from server.settings import SHIPPED_MODEL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Run

BROKEN = """\
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: status, sql: "CASE WHEN", type: string}
      - {name: region, sql: "{CUBE}.region", typ: string}
    measures:
      - {name: count, type: count}
      - {name: rate, type: number, sql: "{cuont} / {count}"}
    joins:
      - {name: custmers, relationship: many_to_one, sql: "{CUBE}.customer_id = {custmers.id}"}
  - name: customers
    sql_table: customers
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: ja}
"""
LINES = {6, 7, 10, 12, 16}


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """A model with five mistakes, by its path from the working folder."""
    (tmp_path / "model.yml").write_text(BROKEN)
    return "model.yml"


def test_the_shipped_model_has_no_mistakes(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert str(SHIPPED_MODEL) in result.stdout
    assert "no errors" in result.stdout


def test_five_mistakes_are_told_at_once_with_their_places(run: Run, broken: str) -> None:
    result = run("check", broken)
    assert result.exit_code == 1
    found = {int(line.split(":")[1]) for line in result.stdout.splitlines() if line.startswith("model.yml:")}
    assert found == LINES
    assert "5 errors in 1 file" in result.stdout
    assert 'Did you mean "type"?' in result.stdout


def test_a_program_gets_the_issues_as_data(run: Run, broken: str) -> None:
    result = run("check", broken, "--format", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["errors"], told["warnings"]) == (1, 5, 0)
    assert {issue["place"]["line"] for issue in told["issues"]} == LINES


def test_ci_gets_annotations(run: Run, broken: str) -> None:
    lines = run("check", broken, "--format", "github").stdout.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("::error file=model.yml,line=") for line in lines)


def test_an_annotation_escapes_what_would_end_it() -> None:
    issue = Issue("E_X", "100% wrong\nhere", place=Place("a,b:c.yml", 1, 2), hint="Fix it.", severity="warning")
    assert annotation(issue) == "::warning file=a%2Cb%3Ac.yml,line=1,col=2,title=E_X::100%25 wrong%0Ahere Fix it."


def test_warnings_alone_are_no_failure(run: Run) -> None:
    told = json.loads(run("check", "--format", "json").stdout)
    assert (told["errors"], told["cubes"], told["views"]) == (0, 9, 1)


def test_a_missing_model_is_a_mistake(run: Run) -> None:
    result = run("check", "nowhere")
    assert (result.exit_code, "no file or folder" in result.stdout) == (1, True)


def test_the_model_in_the_working_folder_is_the_default(run: Run, tmp_path: Path) -> None:
    (tmp_path / "semantic").mkdir()
    (tmp_path / "semantic" / "cubes.yml").write_text(BROKEN)
    assert run("check").stdout.count("semantic/cubes.yml:") == 5


def test_a_broken_model_answers_nothing(run: Run, broken: str) -> None:
    result = run("query", "-m", "orders.count", "--model", broken)
    assert (result.exit_code, result.stderr.count("model.yml:")) == (1, 5)


def test_a_model_is_compared_with_a_database(run: Run, database: Path, tmp_path: Path) -> None:
    assert run("check", "--database", str(database)).exit_code == 0
    (tmp_path / "one.yml").write_text(
        'cubes:\n  - {name: bugs, sql_table: bugs, dimensions: [{name: a, sql: "{CUBE}.sverity", type: string}]}\n'
    )
    result = run("check", "one.yml", "--database", str(database))
    assert result.exit_code == 1
    assert "one.yml:2:63: error: 'bugs' reads the column sverity" in result.stdout
    assert run("check", "one.yml").exit_code == 0
    assert run("check", "one.yml", "--database", "none.sqlite").exit_code == 3


DATES = """\
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {{name: id, sql: "{{CUBE}}.id", type: number, primary_key: true}}
      - {{name: created_at, sql: "{{CUBE}}.created_at", type: time}}
    measures:
      - {{name: count, type: count}}
      - name: all_of_them
        type: number
        sql: "{{count}}"
        multi_stage: true
        filter:
          include:
            - {{member: orders.created_at, operator: beforeDate, values: ["{stage}"]}}
    access_policy:
      - group: clerks
        row_level:
          filters:
            - {{member: created_at, operator: afterDate, values: ["{policy}"]}}
            - {{member: created_at, operator: inDateRange, values: ["{{ securityContext.first }}", "{last}"]}}
            - {{member: created_at, operator: afterDate, values: ["{{ securityContext.first }}"]}}
views:
  - name: sales
    cubes: [{{join_path: orders, includes: "*"}}]
    default_filters:
      - {{member: created_at, operator: inDateRange, values: ["{default}"]}}
    access_policy:
      - group: clerks
        row_level:
          filters:
            - {{member: created_at, operator: notInDateRange, values: ["2026-03-01", "{end}"]}}
"""


def test_dates_that_no_question_could_be_answered_with_are_told_with_their_places(run: Run, tmp_path: Path) -> None:
    wrong = {
        "stage": "2026-02-30",
        "policy": "last mont",
        "last": "31.31.2026",
        "default": "from 2026-05-01 to 2026-04-01",
        "end": "2026-02-01",
    }
    (tmp_path / "model.yml").write_text(DATES.format(**wrong))
    result = run("check", "model.yml", "--format", "json")
    issues = json.loads(result.stdout)["issues"]
    assert result.exit_code == 1
    assert {issue["code"] for issue in issues} == {"E_DATE"}
    assert [issue["place"]["line"] for issue in issues] == [15, 20, 21, 27, 32]
    assert "'orders.all_of_them'" not in issues[0]["message"]
    assert issues[0]["message"].startswith("The filter of orders.all_of_them: ")
    assert "2026-02-30" in issues[0]["message"]


def test_dates_that_are_understood_are_not_told(run: Run, tmp_path: Path) -> None:
    right = {"stage": "2026-02-28", "policy": "last month", "last": "today", "default": "last 3 months", "end": "now"}
    (tmp_path / "model.yml").write_text(DATES.format(**right))
    result = run("check", "model.yml")
    assert (result.exit_code, result.stdout.count("E_DATE")) == (0, 0), result.stdout
