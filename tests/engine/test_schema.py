"""The check of form agrees with JSON Schema itself, refuses by name what is not run, and never fails on any data."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.model import unsupported
from engine.model.document import read_document
from engine.model.schema import schema_issues
from engine.model.shape import KEYWORDS, TEST_KEYWORDS, Shapes
from schemas import model_schema

if TYPE_CHECKING:
    from engine.errors import Issue

VALIDATOR = Draft202012Validator(model_schema())
EXAMPLES = [
    read_document(path.read_text(encoding="utf-8"), path.name).data
    for path in sorted((Path(__file__).parents[1] / "schemas" / "model" / "valid").iterdir())
]
WORDS = [
    str(word)
    for part in ("dimension", "measure", "cube", "view")
    for word in model_schema()["$defs"][part]["properties"]
]


def issues_of(data: Any) -> tuple[Issue, ...]:
    # JSON is YAML, so any data can be put before the check as a file.
    return schema_issues(read_document(json.dumps(data), "model.yml"))


def errors_of(data: Any) -> list[Issue]:
    return [issue for issue in issues_of(data) if issue.severity == "error"]


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 99),
        st.floats(-1, 2).map(lambda number: round(number, 9)),
        st.sampled_from(["", "a", "a.b", "a b", "sum", "1 day", *WORDS]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=6,
)


@st.composite
def changed_examples(draw: st.DrawFn) -> Any:
    """A right file with something replaced, removed or added."""
    data = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    part = data
    for _ in range(draw(st.integers(0, 6))):
        children = [
            child
            for child in (part.values() if isinstance(part, dict) else part)
            if isinstance(child, dict | list) and child
        ]
        if not children:
            break
        part = draw(st.sampled_from(children))
    key: Any = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
    change = draw(st.sampled_from(["replace", "remove", "add"]))
    if change == "remove":
        del part[key]
    elif change == "add" and isinstance(part, dict):
        part[draw(st.sampled_from(WORDS))] = draw(values)
    else:
        part[key] = draw(values)
    return data


@settings(max_examples=400)
@given(changed_examples())
def test_a_file_is_right_exactly_when_json_schema_says_so(data: Any) -> None:
    assert (errors_of(data) == []) == VALIDATOR.is_valid(data), [str(issue) for issue in issues_of(data)]


@settings(max_examples=200)
@given(values)
def test_any_data_are_checked_without_failing(data: Any) -> None:
    assert bool(errors_of(data if data is not None else {})) != VALIDATOR.is_valid(data if data is not None else {})


def test_the_check_knows_every_keyword_of_the_schema() -> None:
    def keywords(schema: Any, known: frozenset[str]) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        found = set(schema) - known
        for key in ("properties", "$defs"):
            if known is KEYWORDS:
                found |= {word for part in schema.get(key, {}).values() for word in keywords(part, known)}
        for key in ("items", "additionalProperties"):
            found |= keywords(schema.get(key), known)
        for key in ("if", "then", "not"):
            found |= keywords(schema.get(key), TEST_KEYWORDS)
        for key in ("allOf", "anyOf", "oneOf"):
            found |= {word for part in schema.get(key, ()) for word in keywords(part, TEST_KEYWORDS)}
        return found

    assert keywords(model_schema(), KEYWORDS) == set()


def sample_of(kind: str) -> dict[str, Any]:
    """The definition that the schema titles so."""
    return next(part for part in [model_schema(), *model_schema()["$defs"].values()] if part.get("title") == kind)


AROUND: dict[str, Any] = {
    "model file": lambda thing: thing,
    "cube": lambda thing: {"cubes": [{"name": "c", "sql_table": "t", **thing}]},
    "dimension": lambda thing: {
        "cubes": [{"name": "c", "sql_table": "t", "dimensions": [{"name": "a", "type": "time", "sql": "x", **thing}]}]
    },
    "measure": lambda thing: {
        "cubes": [{"name": "c", "sql_table": "t", "measures": [{"name": "a", "type": "sum", "sql": "x", **thing}]}]
    },
    "granularity": lambda thing: AROUND["dimension"]({"granularities": [{"name": "a", "interval": "1 day", **thing}]}),
    "case": lambda thing: {
        "cubes": [{"name": "c", "sql_table": "t", "dimensions": [{"name": "a", "type": "string", "case": thing}]}]
    },
    "time shift": lambda thing: AROUND["measure"]({"multi_stage": True, "time_shift": [thing]}),
    "access policy": lambda thing: AROUND["cube"]({"access_policy": [{"group": "*", **thing}]}),
    "pre-aggregation": lambda thing: AROUND["cube"]({"pre_aggregations": [{"name": "a", **thing}]}),
}


@pytest.mark.parametrize(("kind", "name"), unsupported.PROPERTIES)
def test_a_property_that_is_not_run_is_refused_by_name_with_the_reason(kind: str, name: str) -> None:
    (issue,) = errors_of(AROUND[kind]({name: "anything"}))
    assert issue.code == "E_UNSUPPORTED"
    assert f'with "{name}" is not supported' in issue.message
    assert issue.hint == unsupported.PROPERTIES[kind, name]
    assert name not in sample_of(kind)["properties"]


@pytest.mark.parametrize(("kind", "name", "value"), unsupported.VALUES)
def test_a_value_that_is_not_run_is_refused_by_name_with_the_reason(kind: str, name: str, value: str) -> None:
    (issue,) = errors_of(AROUND[kind]({name: value}))
    assert issue.code == "E_UNSUPPORTED"
    assert f'of {name} "{value}" is not supported' in issue.message
    assert issue.hint == unsupported.VALUES[kind, name, value]


@pytest.mark.parametrize(("kind", "name"), unsupported.WITHOUT_EFFECT)
def test_what_has_no_effect_is_accepted_with_a_warning(kind: str, name: str) -> None:
    right = {"pre_aggregations": [], "refresh_key": {"every": "1 hour"}, "rewrite_queries": True}
    (issue,) = issues_of(AROUND[kind]({name: right[name]}))
    assert (issue.code, issue.severity) == ("W_NO_EFFECT", "warning")
    assert issue.message == unsupported.WITHOUT_EFFECT[kind, name]


def test_a_name_does_not_end_with_a_line_break() -> None:
    (issue,) = errors_of({"cubes": [{"name": "orders\n", "sql_table": "orders"}]})
    assert issue.code == "E_INVALID_VALUE"


def test_a_long_value_is_shown_in_part() -> None:
    (issue,) = errors_of({"cubes": [{"name": "a " * 500, "sql_table": "orders"}]})
    assert len(issue.message) < 120


def test_issues_carry_near_names_for_programs() -> None:
    (issue,) = errors_of({"cubes": [{"name": "orders", "sql_tabel": "orders"}]})
    assert issue.candidates[0] == "sql_table"
    (issue,) = errors_of(
        {
            "cubes": [
                {"name": "a", "sql_table": "t", "joins": [{"name": "b", "relationship": "one_to_meny", "sql": "x"}]}
            ]
        }
    )
    assert issue.candidates[0] == "one_to_many"


def test_where_a_property_would_be_right_does_not_depend_on_what_was_checked_before() -> None:
    used, fresh = Shapes(model_schema()), Shapes(model_schema())
    assert used["#/$defs/cube"].properties
    kinds = [shape.kind for shape in fresh.every()]
    assert kinds == [shape.kind for shape in used.every()]
    assert {part["title"] for part in model_schema()["$defs"].values() if "title" in part} <= set(kinds)
