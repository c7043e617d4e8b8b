"""Values that keep to a JSON Schema, for Hypothesis: of the keywords that the schemas of the tools use, and no others.

hypothesis-jsonschema does the same for all keywords, with texts of any letters; here texts are mostly names, dates and values that
mean something, so that more of the calls get past the reading of their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

_COUNTS = frozenset({"minItems", "maxItems", "minimum", "maximum"})
_SHAPES = frozenset({"type", "enum", "anyOf", "items", "properties", "required", "additionalProperties"})
_KNOWN = _COUNTS | _SHAPES | {"description", "default"}
_MOST = 5
_TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["bug_count", "severity", "feature", "last month", "2026-01-01", "Europe/Berlin", "previous period", "Login"]
    ),
)
_SCALARS: dict[str, SearchStrategy[Any]] = {
    "string": _TEXTS,
    "boolean": st.booleans(),
    "null": st.none(),
    "number": st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
}


def drawn(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Values of a schema; raises AssertionError for a keyword that nothing is known of."""
    unknown = schema.keys() - _KNOWN
    assert not unknown, f"nothing is drawn for {unknown}"
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*map(drawn, schema["anyOf"]))
    kind = schema["type"]
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kind == "array":
        most = schema.get("maxItems", _MOST)
        return st.lists(
            drawn(schema.get("items", {"type": "string"})),
            min_size=schema.get("minItems", 0),
            max_size=min(most, _MOST),
        )
    return _object(schema) if kind == "object" else _SCALARS[kind]


def _object(schema: Mapping[str, Any]) -> SearchStrategy[dict[str, Any]]:
    parts = {name: drawn(each) for name, each in schema.get("properties", {}).items()}
    required = {name: parts.pop(name) for name in schema.get("required", ())}
    named = st.fixed_dictionaries(required, optional=parts)
    others = schema.get("additionalProperties")
    if not isinstance(others, dict):
        return named
    more = st.dictionaries(_TEXTS, drawn(others), max_size=2)
    return st.builds(lambda some, rest: {**rest, **some}, named, more)
