"""No input raises anything but our own errors: models, templates, queries, phrases and SQL, changed at random."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given

import engine
from engine.model.document import read_document
from engine.model.loader import build_model, read_documents
from engine.model.templates import render
from engine.query.dates import parse_range
from engine.query.phrases import FORMS
from engine.sql.dialects import DIALECTS
from schemas import model_schema, query_schema
from tests.docs_excerpts import MODEL, queries
from tests.engine.asking import random_cases
from tests.engine.mutations import garbled, mutated
from tests.oracle.strategies import tapes

if TYPE_CHECKING:
    import pytest

    from engine.model.model import Model
    from tests.oracle.tape import Tape

HERE = Path(__file__).parent
EVERY_DIALECT = tuple(DIALECTS)
NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
fuzzed = random_cases(share=3)
"""Settings of these tests: a third of the cases that a property has, as one is soon done."""


@cache
def documents() -> tuple[Any, ...]:
    """Right model files, as data."""
    folders = (MODEL, HERE / "shop" / "model", HERE / "models" / "valid", HERE.parents[1] / "semantic")
    files = [path for folder in folders for path in sorted(folder.rglob("*.yml"))]
    return tuple(read_document(path.read_text(encoding="utf-8"), path.name).data for path in files)


@cache
def words() -> tuple[str, ...]:
    """Names of properties, and values that some of them take."""
    found = {name for part in model_schema()["$defs"].values() for name in part.get("properties", {})}
    return (
        *sorted(found),
        "orders",
        "customers",
        "revenue",
        "count",
        "status",
        "created_at",
        "orders.revenue",
        "items.qty",
        "id",
    )


@cache
def query_words() -> tuple[str, ...]:
    found = {name for part in query_schema()["$defs"].values() for name in part.get("properties", {})}
    shown = [each.full_name for cube in example().cubes.values() for each in cube.members()]
    return (
        *sorted(found),
        *shown,
        "sales.revenue",
        "revenue",
        "orders.created_at.month",
        "last month",
        "equals",
        "gt",
        "2025-02-30",
    )


@cache
def example() -> Model:
    return engine.load_model(MODEL)


@fuzzed
@given(tape=tapes())
def test_a_wrong_model_is_told(tape: Tape) -> None:
    wrong_model(tape)


def wrong_model(tape: Tape) -> None:
    data = mutated(tape, tape.one_of(documents()), words())
    try:
        document = read_document(json.dumps(data), "model.yml")
        model, issues = build_model([document])
    except engine.EngineError:
        return
    for issue in issues:
        assert str(issue)
    if model is None:
        return
    # What loads can be asked, or is refused.
    members = [each.full_name for cube in model.cubes.values() for each in cube.members()]
    members += [f"{view.name}.{name}" for view in model.views.values() for name in view.members]
    for _ in range(3 if members else 0):
        query = {"measures": [tape.one_of(members)], "dimensions": [tape.one_of(members)]}
        with suppress(engine.EngineError):
            engine.explain_query(query, model, dialect=tape.one_of(EVERY_DIALECT), now=NOW)


@fuzzed
@given(tape=tapes())
def test_a_wrong_query_is_told(tape: Tape) -> None:
    wrong_query(tape)


def wrong_query(tape: Tape) -> None:
    asked = mutated(tape, tape.one_of(queries()), query_words())
    with suppress(engine.EngineError):
        engine.explain_query(
            asked,
            example(),
            dialect=tape.one_of(EVERY_DIALECT),
            now=NOW,
            security={"tenant": 1, "groups": ["analysts"]},
        )


SQL = (
    "SELECT status, MEASURE(revenue) FROM sales WHERE region = 'EAST' GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    """SELECT DATE_TRUNC('month', created_at), COUNT(*) FROM orders
    WHERE created_at >= '2025-01-01' AND NOT (status IN ('a', 'b') OR amount > 3) GROUP BY 1""",
    """SELECT region, SUM(revenue) AS r FROM sales WHERE status IS NOT NULL AND name LIKE '%a'
    GROUP BY region HAVING r > 3 ORDER BY r, 1 OFFSET 3""",
    """SELECT EXTRACT(YEAR FROM created_at), AVG(average) FROM orders
    WHERE created_at BETWEEN '2025-01-01' AND CURRENT_DATE - INTERVAL '3 months' GROUP BY 1""",
)


@fuzzed
@given(tape=tapes())
def test_wrong_sql_is_told(tape: Tape) -> None:
    wrong_sql(tape)


def wrong_sql(tape: Tape) -> None:
    text = garbled(tape, tape.one_of(SQL))
    with suppress(engine.EngineError):
        engine.explain_query(text, example(), dialect=tape.one_of(EVERY_DIALECT), now=NOW)


@fuzzed
@given(tape=tapes())
def test_a_phrase_of_dates_is_a_range_or_refused(tape: Tape) -> None:
    wrong_phrase(tape)


def wrong_phrase(tape: Tape) -> None:
    examples = [example for form in FORMS for example in form.examples]
    text = tape.one_of((tape.one_of(examples), f"from {tape.one_of(examples)} to {tape.one_of(examples)}"))
    text = tape.one_of((text, garbled(tape, text), garbled(tape, text)))
    try:
        start, end = parse_range(text, now=NOW, time_zone="Europe/Berlin")
    except engine.EngineError:
        return
    assert start < end


TEMPLATE = """{% set states = ['open', 'paid'] %}
{%- macro count(name) -%}
      - name: {{ name }}_count
        type: count
        filters: [{sql: "{CUBE}.status = '{{ name }}'"}]
{%- endmacro %}
cubes:
  - name: orders
    sql_table: orders
    measures:
{% for state in states %}
{{ count(state) }}
{% endfor %}
"""


@fuzzed
@given(tape=tapes())
def test_a_wrong_template_is_told(tape: Tape, tmp_path_factory: pytest.TempPathFactory) -> None:
    wrong_template(tape, tmp_path_factory.getbasetemp())


def wrong_template(tape: Tape, folder: Path) -> None:
    file = folder / "template.yml"
    file.write_text(garbled(tape, TEMPLATE).replace("\x00", ""), encoding="utf-8")
    with suppress(engine.EngineError):
        render(file, folder)
    found, issues = read_documents(file)
    assert found or issues


@fuzzed
@given(tape=tapes())
def test_a_garbled_file_is_told(tape: Tape) -> None:
    garbled_file(tape)


def garbled_file(tape: Tape) -> None:
    files = sorted((HERE / "shop" / "model").rglob("*.yml"))
    text = garbled(tape, tape.one_of(files).read_text(encoding="utf-8"))
    with suppress(engine.EngineError):
        build_model([read_document(text, "model.yml")])
