"""Model files with Jinja: what they become, where their mistakes are told, and what a template may not do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.model.loader import model_issues
from tests.engine.asking import random_cases

MACROS = """{% macro number(name) -%}
- name: {{ name }}
  sql: "{CUBE}.{{ name }}"
  type: number
{%- endmacro %}
{% macro total(name, type="sum") %}{name: total_{{ name }}, sql: "{CUBE}.{{ name }}", type: {{ type }}}{% endmacro %}
"""
MODEL = """{# Columns that are the same everywhere. #}
{%- import "shared/macros.jinja" as shared -%}
{%- set columns = ["amount", "tax"] -%}
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      {%- for column in columns %}
      {{ shared.number(column) | indent(6) }}
      {%- endfor %}
    measures:
      - {name: count, type: count}
      {%- for column in columns if column != "tax" %}
      - {{ shared.total(column) }}
      {%- else %}
      - {name: nothing, type: count}
      {%- endfor %}
      {%- if columns | length > 1 %}
      - {name: many, type: max, sql: "{{ columns | join(' + ') }}"}
      {%- endif %}
"""


def written(folder: Path, text: str, macros: str = MACROS, name: str = "model.yml") -> Path:
    (folder / "shared").mkdir(exist_ok=True)
    (folder / "shared" / "macros.jinja").write_text(macros, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> list[str]:
    return [str(issue).replace(f"{folder}/", "") for issue in model_issues(folder)]


def test_loops_conditions_macros_and_imports_make_a_model(tmp_path: Path) -> None:
    cube = engine.load_model(written(tmp_path, MODEL)).cubes["orders"]
    assert list(cube.dimensions) == ["id", "amount", "tax"]
    assert list(cube.measures) == ["count", "total_amount", "many"]
    assert cube.measures["many"].sql is not None
    assert cube.measures["many"].sql.text == "amount + tax"


def test_a_single_file_imports_from_its_own_folder(tmp_path: Path) -> None:
    model = engine.load_model(written(tmp_path, MODEL) / "model.yml")
    assert list(model.cubes) == ["orders"]


def test_imports_beside_the_file_are_found_too(tmp_path: Path) -> None:
    folder = written(tmp_path, "{}")
    written(folder / "shared", MODEL.replace("shared/macros", "macros"), name="orders.yml")
    assert list(engine.load_model(folder).cubes) == ["orders"]


def test_single_braces_are_no_template(tmp_path: Path) -> None:
    text = MODEL.partition("cubes:")[2].partition("      {%-")[0]
    cube = engine.load_model(written(tmp_path, f"cubes:{text}    measures: [{{name: count, type: count}}]\n")).cubes[
        "orders"
    ]
    assert cube.dimensions["id"].sql.text == "{CUBE}.id"


def test_a_model_without_templates_does_not_load_jinja() -> None:
    shop = Path(__file__).parent / "shop" / "model"
    code = f"import sys, engine; engine.load_model({str(shop)!r}); print('jinja2' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("sql_table: orders", "sql_tabel: orders", "model.yml:6:5: "),
        ('sql: "{CUBE}.id"', 'sql: "{CUBEE}.id"', "model.yml:8:26: "),
        ("{name: count, type: count}\n      {%- for", "{name: count, type: cuont}\n      {%- for", "model.yml:13:29: "),
        # What a macro writes is told where the macro is called, what a value spoils at the line's beginning.
        ("shared.number(column)", 'shared.number(column ~ " !")', "model.yml:10:1: "),
        ("{{ shared.total(column) }}", '{{ shared.total(column, "smu") }}', "model.yml:15:1: "),
        ("type: max", "type: mix", "model.yml:20:28: "),
        ("columns | length > 1", "columns | lenght > 1", "model.yml:19:1: No filter named 'lenght'"),
        ("{%- else %}", "{%- elsa %}", "model.yml:16:1: "),
        ("shared.number(", "shared.nubmer(", "model.yml:10:1: "),
        ("if columns |", "if colums |", "model.yml:19:1: 'colums' is undefined."),
        ('"shared/macros.jinja"', '"shared/macro.jinja"', "model.yml:2:1: There is no template 'shared/macro.jinja'."),
        ('["amount", "tax"]', '["amount", "tax"', "model.yml:3:1: "),
    ],
)
def test_mistakes_are_told_at_the_line_of_the_template(tmp_path: Path, right: str, wrong: str, place: str) -> None:
    assert MODEL.count(right) >= 1
    issues = told(written(tmp_path, MODEL.replace(right, wrong, 1)))
    assert issues
    assert any(issue.startswith(place) for issue in issues), issues


def test_a_mistake_in_an_imported_file_is_told_there(tmp_path: Path) -> None:
    [issue] = told(written(tmp_path, MODEL, MACROS.replace("{CUBE}.{{ name }}", "{CUBE}.{{ nmae }}", 1)))
    assert issue.startswith("shared/macros.jinja:3:1: 'nmae' is undefined.")
    [issue] = told(written(tmp_path, MODEL, MACROS.replace("{%- endmacro %}", "{%- endmacr %}", 1)))
    assert issue.startswith("shared/macros.jinja:5:1: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% if COMPILE_CONTEXT.tenant %}{% endif %}", "COMPILE_CONTEXT is not run"),
        ("{{ load_columns() }}", "globals.py (TemplateContext) are Python and are not run"),
        ("{{ securityContext.id }}", "single braces: { securityContext.customer_id }"),
        ("{{ ''.__class__ }}", "'__class__' of 'str' object is unsafe"),
        ("{{ cycler.__init__ }}", "is unsafe"),
        ("{{ (1).to_bytes(9) }}", "is unsafe"),
        ("{{ 'x'.center(9) }}", "is unsafe"),
        ("{{ [].append(1) }}", "is unsafe"),
        ("{{ x | attr('y') }}", "No filter named 'attr'"),
        ("{{ 'x' | random }}", "No filter named 'random'"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ('"{{CUBE}}.status"', "A reference stands in single braces"),
        ("{{ x # why?", "Is a {{ or {% above it not closed?"),
        ("{{ range }}", "write () behind it"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include '../outside.yml' %}", "There is no template '../outside.yml'"),
        ("{% include '/etc/hostname' %}", "There is no template '/etc/hostname'"),
        ("{% include 'model.yml' %}", "calls itself without an end"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "calls itself without an end"),
        ("{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}", "too many steps"),
        ("{% for i in range(200000) %}{% endfor %}", "Range too big"),
        ("{{ 'x' * 10 ** 9 }}", "becomes too large"),
        ("{{ [1] * 10 ** 9 }}", "becomes too large"),
        ("{{ 9 ** 9 ** 9 ** 9 ** 9 }}", "becomes too large"),
        ("{{ '%9999999d' % 1 }}", "too wide"),
        ("{{ '{:>99999999}'.format(1) }}", "too wide"),
        ("{{ '{:{}}'.format(1, 99999999) }}", "too wide"),
        ("{{ 'x' | indent(99999999) }}", "no width above 100"),
        ("{{ ('x' * 9999).replace('x', 'y' * 9999) }}", "becomes too large"),
        ("{{ ('x' * 9999) | replace('x', 'y' * 9999) }}", "becomes too large"),
        ("{{ ('x' * 9999).join(range(9999) | list) }}", "becomes too large"),
        ("{{ range(9999) | join('x' * 9999) }}", "becomes too large"),
        ("{{ ('{0}' * 9999).format('x' * 9999) }}", "becomes too large"),
        ("{{ ('%s' * 1) % ('x' * 9999) }}{{ ('%s' * 9999) % (('x' * 9999),) }}", "becomes too large"),
        (
            "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
            "becomes too large",
        ),
        (
            "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
            "becomes too large",
        ),
        (
            "{% set n = namespace(x=1) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}",
            "becomes too large",
        ),
        (
            "{% set n = namespace(x=1) %}{% for i in range(60) %}{% set n.x = {1: n.x, 2: n.x} %}{% endfor %}",
            "becomes too large",
        ),
        ("{% for i in range(99999) %}" + "x" * 99 + "{% endfor %}", "writes too much"),
    ],
)
def test_what_a_template_may_not_do_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path.parent / "outside.yml").write_text("cubes: []", encoding="utf-8")
    [issue] = model_issues(written(tmp_path, f"\n{text}"))
    assert issue.code == "E_TEMPLATE"
    assert message in str(issue)
    assert issue.place is not None
    assert issue.place.line == 2 or "without an end" in message


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside.jinja", tmp_path / "inside"
    inside.mkdir()
    outside.write_text("secret", encoding="utf-8")
    (inside / "link.jinja").symlink_to(outside)
    [issue] = model_issues(written(inside, "{% include 'link.jinja' %}"))
    assert "There is no template 'link.jinja'" in str(issue)


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    [issue] = model_issues(written(tmp_path, "{% import 'shared/macros.jinja' as s %}", "x" * 1_000_001))
    assert "is longer than 1000000 characters" in str(issue)


def test_marks_of_lines_change_no_value(tmp_path: Path) -> None:
    text = """{% set block %}
a
{% endset %}
{% filter upper | trim %}
meta: no
{% endfilter %}
{% set size = block | length %}
cubes:
  - name: c{{ size }}
    sql_table: t
    description: |
      {%- for i in range(2) %}
      line {{ i }}
      {%- endfor %}
"""
    cube = engine.load_model(written(tmp_path, text.replace("meta: no", "# no"))).cubes["c3"]
    assert cube.description == "line 0\nline 1\n"


PIECES = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{%-",
            "-%}",
            "\n",
            " ",
            "cubes:\n",
            "  - name: a\n",
            "x",
            "'",
            '"',
            "(",
            ")",
            "[",
        ),
        *(
            "]",
            "|",
            "~",
            "*",
            "**",
            "9",
            "1",
            "for i in range(9)",
            "endfor",
            "if x",
            "endif",
            "set x = ",
            "set y",
            "endset",
            "x.y",
        ),
        *(
            "macro m(a)",
            "endmacro",
            "m(1)",
            "import 'shared/macros.jinja' as s",
            "s.number('a')",
            "raw",
            "endraw",
            "join",
            "format",
        ),
        *(
            "include 'model.yml'",
            "filter upper",
            "endfilter",
            "namespace(x=1)",
            "x.__class__",
            "\x00",
            "\x01",
            "\x001\x01",
            "é",
            "{",
        ),
        *(
            "call m()",
            "endcall",
            "block b",
            "endblock",
            "extends 'model.yml'",
            "else",
            "do x",
            "break",
            "loop.index",
            "{}",
            ":",
            ",",
        ),
    ]
)


@given(text=st.lists(PIECES, max_size=30).map("".join) | st.text(alphabet="{}%#x|'()[].\n -~*1", max_size=60))
@random_cases(2)
def test_any_template_is_rendered_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    folder.mkdir(exist_ok=True)
    for issue in model_issues(written(folder, text)):
        assert issue.code.startswith(("E_", "W_"))
        assert issue.place is None or issue.place.line <= max(text.count("\n"), MACROS.count("\n")) + 1
