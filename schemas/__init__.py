"""The JSON Schemas of a model file and of a query, for editors, CI and the engine."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["model_schema", "query_schema"]


@cache
def model_schema() -> dict[str, Any]:
    """The schema of a model file (`model.schema.json`); shared, so not to be changed."""
    return _read("model.schema.json")


@cache
def query_schema() -> dict[str, Any]:
    """The schema of a query in either form (`query.schema.json`); shared, so not to be changed."""
    return _read("query.schema.json")


def _read(name: str) -> dict[str, Any]:
    text = resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
