"""Where a model is read from, and what no input can do to the loader: raise anything but our own errors."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine
from engine.model.document import read_document
from engine.model.loader import build_model, model_issues

HERE = Path(__file__).parent
CUBE = "cubes:\n  - name: {name}\n    sql_table: {name}\n    measures: [{{name: count, type: count}}]\n"
SOURCES = [
    file.read_text(encoding="utf-8")
    for folder in (HERE / "models", HERE / "shop" / "model", HERE.parents[1] / "semantic")
    for file in sorted(folder.rglob("*.yml"))
]
"""Everything that an analyst wrote, right and wrong."""


def codes(caught: pytest.ExceptionInfo[engine.ModelError]) -> list[str]:
    return [issue.code for issue in caught.value.issues]


def test_a_folder_is_read_with_its_folders_but_not_what_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "cubes").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.yml").write_text(CUBE.format(name="a"))
    (tmp_path / "cubes" / "b.yaml").write_text(CUBE.format(name="b"))
    (tmp_path / ".git" / "c.yml").write_text("nonsense: [")
    (tmp_path / "notes.txt").write_text("nonsense: [")
    assert list(engine.load_model(tmp_path).cubes) == ["a", "b"]
    assert list(engine.load_model(str(tmp_path / "a.yml")).cubes) == ["a"]


def test_a_path_without_a_model_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "nowhere.yml"):
        with pytest.raises(engine.ModelError) as caught:
            engine.load_model(path)
        assert codes(caught) == ["E_MODEL_MISSING"]
        assert [issue.code for issue in model_issues(path)] == ["E_MODEL_MISSING"]


def test_a_file_that_is_no_text_does_not_hide_the_mistakes_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"cubes: \xff\xfe")
    (tmp_path / "b.yml").write_text("cubes: [")
    (tmp_path / "c.yml").write_text("cubs: []")
    with pytest.raises(engine.ModelError) as caught:
        engine.load_model(tmp_path)
    assert {"E_YAML", "E_UNKNOWN_PROPERTY"} <= set(codes(caught))
    assert len(codes(caught)) == 3


def test_an_empty_model_has_no_mistakes(tmp_path: Path) -> None:
    (tmp_path / "model.yml").write_text("# nothing yet\n")
    assert not engine.load_model(tmp_path).cubes


def test_snippets_are_read_in_the_dialect_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "model.yml"
    path.write_text('cubes:\n  - {name: a, sql_table: a, dimensions: [{name: b, sql: "`b c`", type: string}]}\n')
    with pytest.raises(engine.ModelError):
        engine.load_model(path)
    model = engine.load_model(path, sql_dialect="bigquery")
    assert '"b c"' in engine.compile_query({"dimensions": ["a.b"]}, model).sql
    path.write_text("sql_dialect: bigquery\n" + path.read_text())
    assert engine.load_model(path).settings.sql_dialect == "bigquery"


def test_without_settings_the_limits_are_generous_and_with_them_as_written(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(CUBE.format(name="a"))
    limits = engine.load_model(path).settings.limits
    assert (limits.dimensions, limits.measures, limits.rows, limits.default_rows) == (None, None, 50_000, 10_000)
    path.write_text("limits: {rows: 7, seconds: 1.5, measures: 2}\n")
    limits = engine.load_model(path).settings.limits
    assert (limits.dimensions, limits.measures, limits.rows, limits.default_rows, limits.seconds) == (
        None,
        2,
        7,
        7,
        1.5,
    )


def test_the_digest_changes_with_the_model_and_not_with_its_form(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(CUBE.format(name="a"))
    first = engine.load_model(path).digest
    path.write_text("# a comment\n" + CUBE.format(name="a"))
    assert engine.load_model(path).digest == first
    path.write_text(CUBE.format(name="b"))
    assert engine.load_model(path).digest != first


def test_a_model_keeps_what_the_check_warns_of() -> None:
    model = engine.load_model(HERE / "models" / "valid" / "diamond.yml")
    assert [issue.code for issue in model.warnings] == ["W_AMBIGUOUS_PATH"]


def issues_of(text: str) -> None:
    """Read, check and build a file; only a ModelError may come out of it."""
    try:
        document = read_document(text, "fuzzed.yml")
    except engine.ModelError:
        return
    model, issues = build_model([document])
    assert model is not None or any(issue.severity == "error" for issue in issues)
    for issue in issues:
        assert issue.message
        assert issue.code


def mutated(text: str, seed: int) -> str:
    """The text with a few lines or words moved, doubled, cut or exchanged for others of it."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    for _ in range(chance.randint(1, 4)):
        lines = text.splitlines()
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[other])
        elif kind == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            cut = chance.randrange(len(lines[at]) + 1)
            lines[at] = (
                lines[at][:cut]
                + chance.choice(["", "{", "}", "[", '"', "'", ": ", ".", "*", "&a ", "(", "ǃ", "--"])
                + lines[at][cut:]
            )
        else:
            words, others = lines[at].split(" "), text.split()
            words[chance.randrange(len(words))] = chance.choice(others)
            lines[at] = " ".join(words)
        text = "\n".join(lines) or "a"
    return text


quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(st.sampled_from(SOURCES), st.integers(0, 2**32))
def test_no_mistake_in_a_model_raises_anything_else(source: str, seed: int) -> None:
    issues_of(mutated(source, seed))


@quick
@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text: str) -> None:
    issues_of(text)
    issues_of(f"cubes: [{{name: a, sql_table: b, dimensions: [{{name: c, type: number, sql: {text!r}}}]}}]")


@quick
@given(st.text(alphabet="{}CUBE.ab()'\"\\+ ,;-*/ǃ\n01SELECTFROM", max_size=40))
def test_no_snippet_raises_anything_else(snippet: str) -> None:
    quoted = "'" + snippet.replace("'", "''").replace("\n", "\n\n") + "'"
    member = f"{{name: c, type: number, sql: {quoted}}}"
    issues_of(
        f"cubes: [{{name: a, sql_table: b, dimensions: [{member}], measures: [{member}]}}, {{name: d, sql: {quoted}}}]"
    )


@pytest.mark.parametrize("written", ['"7"', "true", "[7]", "7.5", "1e999", "{a: 7}"])
@pytest.mark.parametrize("key", ["dimensions", "measures", "rows", "default_rows", "seconds"])
def test_a_limit_that_is_no_number_is_a_mistake_of_form(key: str, written: str, tmp_path: Path) -> None:
    path = tmp_path / "model.yml"
    path.write_text(f"limits: {{{key}: {written}}}\n")
    expected = [] if key == "seconds" and written == "7.5" else ["E_WRONG_TYPE"]
    assert [issue.code for issue in model_issues(path)] == expected


def test_a_limit_may_be_written_as_a_whole_float(tmp_path: Path) -> None:
    path = tmp_path / "model.yml"
    path.write_text("limits: {rows: 7.0, dimensions: 3.0}\n")
    limits = engine.load_model(path).settings.limits
    assert (limits.rows, limits.dimensions) == (7, 3)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("bugs.yamll", "bugs.yaml"),
        ("bugs.ymal", "bugs.yml"),
        ("bugs.YAML", "bugs.yaml"),
        ("bugs.Yml", "bugs.yml"),
        ("bugs.yl", "bugs.yml"),
        ("bugs.of.2026.ymll", "bugs.of.2026.yml"),
        ("bugs.yml.txt", "bugs.yml"),
        ("bugs.yaml.j2", "bugs.yaml.jinja"),
        ("bugs.yml.jinja2", "bugs.yml.jinja"),
    ],
)
def test_a_file_whose_name_keeps_it_from_being_read_is_told_with_the_right_name(
    tmp_path: Path, name: str, right: str
) -> None:
    (tmp_path / "a.yml").write_text(CUBE.format(name="a"))
    (tmp_path / name).write_text("# bugs\n" + CUBE.format(name="b"))
    (issue,) = model_issues(tmp_path)
    assert (issue.code, issue.severity, issue.hint) == ("W_NOT_READ", "warning", f"Rename it to {right}.")
    assert issue.place is not None
    assert (issue.place.file, issue.place.line) == (str(tmp_path / name), 2)
    assert list(engine.load_model(tmp_path).cubes) == ["a"]


@pytest.mark.parametrize(
    "name", ["bugs.yml.bak", "bugs.yaml.orig", "bugs.yml~", ".bugs.ymll", "README.md", "bugs", "bugs.xml"]
)
def test_copies_and_other_files_beside_a_model_are_left_in_peace(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.yml").write_text(CUBE.format(name="a"))
    (tmp_path / name).write_text(CUBE.format(name="b") if name != "bugs.xml" else "<cubes/>")
    assert model_issues(tmp_path) == ()


def test_a_file_without_cubes_is_not_told_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(CUBE.format(name="a"))
    (tmp_path / "notes.yamll").write_text("see cubes: there\n")
    assert model_issues(tmp_path) == ()


def test_what_a_file_that_is_not_read_would_have_declared_is_missed(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("views:\n  - name: all\n    cubes:\n      - join_path: b\n        includes: '*'\n")
    (tmp_path / "b.yamll").write_text(CUBE.format(name="b"))
    codes = [issue.code for issue in model_issues(tmp_path)]
    assert sorted(codes) == ["E_NAME_NOT_FOUND", "W_NOT_READ"]
    with pytest.raises(engine.ModelError):
        engine.load_model(tmp_path)


def test_a_folder_of_nothing_but_such_files_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.yamll").write_text(CUBE.format(name="a"))
    with pytest.raises(engine.ModelError) as error:
        engine.load_model(tmp_path)
    assert [issue.code for issue in error.value.issues] == ["E_MODEL_MISSING", "W_NOT_READ"]
