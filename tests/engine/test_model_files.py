"""What loading a model accepts and refuses: files and folders beside this one, with every mistake marked where it stands.

A mark at the end of a line, `# !! column:CODE words`, says which mistake is told there (in SQL over several lines `-- !! …`);
column 0 is a mistake without a place, marked in the first line. A case is a file; it needs no code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import engine
from engine.model.loader import model_issues
from engine.sql.dialects import DIALECTS

FOLDER = Path(__file__).parent / "models"
MARK = re.compile(r"!! (\d+):(\w+) (.*?)(?= !! |$)")


class Told(NamedTuple):
    """A mistake: where and what."""

    file: str
    line: int
    column: int
    code: str


def models(folder: str) -> list[Path]:
    return sorted((FOLDER / folder).iterdir())


def files(model: Path) -> list[Path]:
    return [model] if model.is_file() else sorted(model.rglob("*.yml"))


def marked(model: Path) -> dict[Told, str]:
    found = {}
    for file in files(model):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for column, code, words in MARK.findall(line):
                place = (str(file), number, int(column)) if int(column) else ("", 0, 0)
                found[Told(*place, code)] = words.strip()
    return found


def told(model: Path) -> dict[Told, str]:
    found = {}
    for issue in model_issues(model):
        place = (issue.place.file, issue.place.line, issue.place.column) if issue.place else ("", 0, 0)
        words = f"{issue.message} {issue.hint or ''}".replace(f"{FOLDER}/invalid/", "")
        found[Told(*place, issue.code)] = words
    return found


@pytest.mark.parametrize(
    "model", [*models("valid"), *models("invalid")], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_mistake_is_told_where_it_stands_and_no_other(model: Path) -> None:
    expected, found = marked(model), told(model)
    assert found.keys() == expected.keys()
    assert [(mark, found[mark]) for mark, words in expected.items() if words not in found[mark]] == []


@pytest.mark.parametrize("model", models("valid"), ids=lambda path: path.stem)
def test_a_model_without_mistakes_is_loaded_and_others_are_not(model: Path) -> None:
    assert engine.load_model(model).cubes


@pytest.mark.parametrize("model", models("invalid"), ids=lambda path: path.stem)
def test_a_model_with_mistakes_is_not_loaded(model: Path) -> None:
    with pytest.raises(engine.ModelError) as caught:
        engine.load_model(model)
    assert {issue.severity for issue in caught.value.issues} == {"error"}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("path", models("valid"), ids=lambda path: path.stem)
def test_every_metric_of_a_right_model_is_answered_or_refused_by_every_dimension(path: Path, dialect: str) -> None:
    model = engine.load_model(path)
    members = {f"{owner.name}.{name}" for owner in model.views.values() for name in owner.members}
    members |= {each.full_name for cube in model.cubes.values() for each in cube.members()}
    security = {"group": "admin"}
    answered = 0
    for name in sorted(members):
        for other in sorted(members):
            try:
                engine.compile_query(
                    {"measures": [name], "dimensions": [other]}, model, dialect=dialect, security=security
                )
            except engine.QueryError:
                continue
            answered += 1
    assert answered
