"""schemathesis asks what the OpenAPI document allows, and much that it does not: nothing crashes, answers are as described."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from server.http.openapi.document import openapi
from tests.server.http.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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

CONFIG = {
    "generation": {"deterministic": True, "database": "none"},
    # Every combination of keys of a schema that contains itself takes hours to write down.
    "phases": {"coverage": {"enabled": False}},
    # Which questions have an answer is for the model to say, not for a schema.
    "checks": {"positive_data_acceptance": {"enabled": False}},
}
schema = schemathesis.openapi.from_dict(described(), config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def url(model: Model, database: Path) -> Iterator[str]:
    with running(model, database) as url:
        yield url


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_address_answers_as_described(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url)
