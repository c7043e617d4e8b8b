"""schemathesis asks what the OpenAPI document allows, and much that it does not: nothing crashes, answers are as described."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from server.http.openapi.document import openapi
from tests.server.http.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis.schemas import BaseSchema

    from engine import Model

NAMES = (
    "bug_count",
    "test_count",
    "severity",
    "feature",
    "month",
    "end_at",
    "testing.bug_count",
    "testing.severity",
    "nothing",
)


def described() -> dict[str, Any]:
    """The document, with names of the model where any name fits: most questions shall be ones that have an answer."""
    document = copy.deepcopy(openapi())
    document["components"]["schemas"]["member"] = {"enum": list(NAMES)}
    return document


EXAMPLES = int(os.environ.get("METRIC_CUBE_EXAMPLES", "450")) // 45


ALIKE = ("/v1/sql", "/cubejs-api/v1/subscribe", "/cubejs-api/v1/sql", "/cubejs-api/v1/dry-run")
"""Addresses that read a question as another one does."""


def bounded() -> dict[str, Any]:
    """The document with conditions that hold no others, and each kind of question by its keys alone.

    Every combination of keys of a schema that contains itself, or that asks which keys are there, takes hours to write down.
    """
    document = described()
    schemas = document["components"]["schemas"]
    condition = {key: schemas["filter"]["properties"][key] for key in ("member", "operator", "values")}
    schemas["filter"] = {
        "type": "object",
        "required": ["member", "operator"],
        "properties": condition,
        "additionalProperties": False,
    }
    for name in ("flat_query", "cube_query"):
        schemas[name] = {key: schemas[name][key] for key in ("type", "properties", "additionalProperties")}
    schemas["query"] = {"$ref": "#/components/schemas/flat_query"}
    for path in ALIKE:
        del document["paths"][path]
    # What stands in an address is read as a body is: a part of it will do.
    written = document["paths"]["/cubejs-api/v1/load"]["get"]["parameters"][0]["content"]["application/json"]
    asked = {"measures": schemas["cube_query"]["properties"]["measures"]}
    written["schema"] = {"type": "object", "properties": asked, "required": ["measures"], "additionalProperties": False}
    return document


def read_as(document: dict[str, Any], *phases: str) -> BaseSchema:
    """The addresses of a document, for some of the ways in which schemathesis asks."""
    others = {"examples", "coverage", "fuzzing", "stateful"} - set(phases)
    config = {
        "generation": {"deterministic": True, "database": "none"},
        "phases": {each: {"enabled": False} for each in others},
        # Which questions have an answer is for the model to say, not for a schema.
        "checks": {"positive_data_acceptance": {"enabled": False}},
    }
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(config))


fuzzed, covered = read_as(described(), "examples", "fuzzing"), read_as(bounded(), "coverage")


@pytest.fixture(scope="module")
def url(model: Model, database: Path) -> Iterator[str]:
    with running(model, database) as url:
        yield url


@fuzzed.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_address_answers_as_described(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url)


@covered.parametrize()
@settings(phases=[Phase.explicit], deadline=None, suppress_health_check=list(HealthCheck))
def test_every_key_and_every_kind_of_value_is_answered_as_described(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url)
