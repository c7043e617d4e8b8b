"""What stands in Cube projects of others: it is read and answered, or told line by line."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import duckdb
import pytest

import engine
from engine.model.loader import model_issues

if TYPE_CHECKING:
    from pathlib import Path

QUOTED = r"""
cubes:
  - name: attribution
    sql_table: "\"Public\".\"Attribution\""
    joins:
      - name: campaigns
        sql: "{CUBE}.\"Campaign Id\" = {campaigns}.\"ID\""
        relationship: many_to_one
    dimensions:
      - {name: id, sql: "{CUBE}.\"ID\"", type: number, primary_key: true}
      - {name: model, sql: "{CUBE}.\"Model\"", type: string}
    measures:
      - {name: count, type: count, drill_members: [campaigns.label]}
    pre_aggregations:
      # nothing yet
  - name: campaigns
    sql_table: "`Public`.Campaigns"
    dimensions:
      - {name: id, sql: "{CUBE}.\"ID\"", type: number, primary_key: true}
      - name: label
        sql: >-
          CONCAT(CAST({CUBE}.year AS STRING), '-', CAST({CUBE}.year + 1 AS STRING))
        type: string
    measures:
      - {name: count, type: count}
"""
MACRO = """{%- macro more() -%}

# --- one more ---
      - name: more
        sql: "3"
        type: number

{%- endmacro -%}
"""
TEMPLATE = """{% from "macros/more.yml" import more %}
cubes:
  - name: suppliers
    sql_table: suppliers

    dimensions:

       {{ more() }}

      - name: id
        sql: id
        type: number
        primary_key: true
    measures:
      - {name: count, type: count}
"""
FOLDERS = """
cubes:
  - name: orders
    sql_table: orders
    joins: [{name: users, relationship: belongsTo, sql: "{CUBE}.user_id = {users.id}"}]
    dimensions:
      - {name: id, sql: id, type: number, primaryKey: true}
      - {name: status, sql: status, type: string}
    measures: [{name: count, type: count}]
  - name: users
    sql_table: users
    dimensions: [{name: id, sql: id, type: number, primary_key: true}, {name: city, sql: city, type: string}]
views:
  - name: sales
    cubes:
      - {join_path: orders, includes: "*"}
      - {join_path: orders.users, includes: [city]}
    folders:
      - {name: All, includes: "*"}
      - {name: Some, includes: [status, {name: Inner, includes: [{join_path: orders.users}, {name: Core, includes: [count]}]}]}
view_groups:
  - {name: everything, includes: [sales, {name: inner, includes: [sales]}]}
"""


def project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> list[tuple[str, int, str]]:
    """The mistakes in a project: file, line and code."""
    issues = [issue for issue in model_issues(folder) if issue.severity == "error"]
    return [
        (issue.place.file.removeprefix(f"{folder}/"), issue.place.line, issue.code) for issue in issues if issue.place
    ]


def test_quoted_tables_and_columns_stay_quoted_wherever_they_are_joined(tmp_path: Path) -> None:
    model = engine.load_model(project(tmp_path, {"model.yml": QUOTED}))
    query = {"measures": ["attribution.count"], "dimensions": ["campaigns.label", "attribution.model"]}
    for sql in (
        engine.compile_query(query, model, dialect=dialect).sql for dialect in ("postgres", "snowflake", "trino")
    ):
        assert '"Public"."Attribution"' in sql
        assert '"Campaign Id"' in sql
        assert 'campaigns."ID"' in sql
    connection = duckdb.connect()
    connection.execute('CREATE SCHEMA "Public"')
    connection.execute('CREATE TABLE "Public"."Attribution" ("ID" INTEGER, "Campaign Id" INTEGER, "Model" VARCHAR)')
    connection.execute('CREATE TABLE "Public".Campaigns ("ID" INTEGER, year INTEGER)')
    connection.execute("""INSERT INTO "Public"."Attribution" VALUES (1, 7, 'first'), (2, 7, 'first'), (3, 9, 'last')""")
    connection.execute('INSERT INTO "Public".Campaigns VALUES (7, 2024)')
    statement = engine.compile_query(query, model, dialect="duckdb")
    assert connection.execute(statement.sql, statement.parameters).fetchall() == [
        ("2024-2025", "first", 2),
        (None, "last", 1),
    ]
    connection.close()


def test_macros_of_a_file_are_imported_by_its_path_from_the_root(tmp_path: Path) -> None:
    folder = project(tmp_path, {"macros/more.yml": MACRO, "cubes/suppliers.yml": TEMPLATE})
    model = engine.load_model(folder)
    assert list(model.cubes["suppliers"].dimensions) == ["more", "id"]


@pytest.mark.parametrize("name", ["suppliers.yml.jinja", "suppliers.yaml.jinja"])
def test_templates_may_say_so_by_their_name(tmp_path: Path, name: str) -> None:
    folder = project(tmp_path, {"macros/more.yml": MACRO, f"cubes/{name}": TEMPLATE})
    assert list(engine.load_model(folder).cubes) == ["suppliers"]


def test_models_in_javascript_and_python_for_templates_are_told_by_name(tmp_path: Path) -> None:
    files = {
        "cubes/users.yml": FOLDERS,
        "cubes/orders.js": "const { table } = require('./table');\n\ncube(`orders`, { sql: table('orders') });\n",
        "views/sales.js": "view(`sales`, {});\n",
        "globals.py": "from cube import TemplateContext\n\ntemplate = TemplateContext()\n",
        "cube.js": "module.exports = { telemetry: false };\n",
        "cube.py": "from cube import config\n",
        "node_modules/x/index.js": "cube(`x`, {});\n",
        "node_modules/x/x.yml": "a: b",
    }
    assert told(project(tmp_path, files)) == [
        ("cubes/orders.js", 3, "E_UNSUPPORTED"),
        ("globals.py", 1, "E_UNSUPPORTED"),
        ("views/sales.js", 1, "E_UNSUPPORTED"),
    ]


def test_a_project_in_javascript_alone_is_told_so(tmp_path: Path) -> None:
    folder = project(tmp_path, {"orders.js": "cube(`orders`, {});\n"})
    with pytest.raises(engine.ModelError, match="in JavaScript, which is not read"):
        engine.load_model(folder)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("${CUBE}.status", "Write it without the dollar sign"),
        ("{TABLE}.status", "Write {CUBE} for the cube's own row"),
        ("{SECURITY_CONTEXT.tenant.filter('tenant')}", "Limit rows by an `access_policy`"),
        ("{SQL_UTILS.convertTz(f'{CUBE}.created_at')}", "Write the column alone"),
    ],
)
def test_what_cube_puts_between_braces_is_refused_with_what_to_do_instead(tmp_path: Path, sql: str, words: str) -> None:
    text = f"cubes:\n  - name: a\n    sql_table: a\n    dimensions:\n      - {{name: b, type: string, sql: {json.dumps(sql)}}}\n"
    folder = project(tmp_path, {"a.yml": text})
    [issue] = model_issues(folder)
    assert words in str(issue)
    assert issue.place is not None
    assert issue.place.line == 5


@pytest.mark.parametrize("table", ["SELECT 1 AS id", "a..b", 'a"b', "`a"])
def test_a_table_that_is_no_name_is_refused(tmp_path: Path, table: str) -> None:
    folder = project(tmp_path, {"a.yml": f"cubes:\n  - name: a\n    sql_table: {json.dumps(table)}\n"})
    assert told(folder) == [("a.yml", 3, "E_SQL")]


def test_folders_hold_members_of_paths_and_other_folders(tmp_path: Path) -> None:
    model = engine.load_model(project(tmp_path, {"model.yml": FOLDERS}))
    assert dict(model.views["sales"].folders) == {
        "All": ("id", "status", "count", "city"),
        "Some": ("status",),
        "Some / Inner": ("city",),
        "Some / Inner / Core": ("count",),
    }


def test_folders_and_groups_name_what_there_is(tmp_path: Path) -> None:
    wrong = FOLDERS.replace("[status, {name", "[statu, {join_path: users}, {name").replace(
        "includes: [sales]}", "includes: [sale]}"
    )
    issues = model_issues(project(tmp_path, {"model.yml": wrong}))
    assert [str(issue).partition(": ")[2] for issue in issues] == [
        "The folder 'Some' names 'statu', which is no member of the view. Did you mean \"status\"? [E_NAME_NOT_FOUND]",
        "No member of the view is read by 'users'. [E_NAME_NOT_FOUND]",
        "The group 'inner' names 'sale', which is no view. Did you mean \"sales\"? [E_NAME_NOT_FOUND]",
    ]


def test_a_cube_of_another_source_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = project(tmp_path, {"a.yml": "cubes:\n  - {name: a, sql_table: a, data_source: lake}\n"})
    assert "All cubes of a model are read from one database" in str(model_issues(folder)[0])


def test_tables_of_other_schemas_are_read(tmp_path: Path) -> None:
    text = "cubes: [{name: a, sql_table: main.things, measures: [{name: count, type: count}]}]"
    statement = engine.compile_query({"measures": ["a.count"]}, engine.load_model(project(tmp_path, {"a.yml": text})))
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE things (id INTEGER)")
    assert connection.execute(statement.sql, statement.parameters).fetchall() == [(0,)]
    connection.close()


def test_a_file_that_cannot_be_read_is_no_model_in_javascript(tmp_path: Path) -> None:
    folder = project(tmp_path, {"model.yml": FOLDERS})
    (folder / "gone.js").symlink_to(folder / "nowhere")
    assert told(folder) == []
