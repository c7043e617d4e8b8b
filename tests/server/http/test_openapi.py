"""The description of the API is valid, complete and true: its examples are answered, and changes to it are seen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from server.http.openapi.document import openapi
from server.http.problems import kinds
from tests.docs_excerpts import queries
from tests.server.http.conftest import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from server.service import Service

pytestmark = pytest.mark.anyio

SNAPSHOT = Path(__file__).parent / "openapi.json"
UNDESCRIBED = ("/docs", "/metrics", "/mcp", "/.well-known/")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def examples() -> Iterator[Any]:
    for path, method, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        shown = content.get("examples") or ({"only": {"value": content["example"]}} if content else {})
        for name, example in shown.items():
            yield pytest.param(method, path, example["value"], id=f"{operation['operationId']}-{name}")


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator of a schema of the document, with the others at hand."""
    return Draft202012Validator({**schema, "components": openapi()["components"]})


def test_the_document_is_the_one_that_was_reviewed(request: pytest.FixtureRequest) -> None:
    """Rewrite the snapshot with --golden, and read what changed: clients are generated from it."""
    written = json.dumps({**openapi(), "info": {**openapi()["info"], "version": "*"}}, indent=1, ensure_ascii=False)
    if request.config.getoption("--golden"):
        SNAPSHOT.write_text(written + "\n", encoding="utf-8")
    assert SNAPSHOT.read_text(encoding="utf-8") == written + "\n"


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    document = openapi()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(document))) <= known


async def test_every_address_is_described_and_none_besides(service: Service) -> None:
    served = {
        (route.path, method.lower())
        for route in application_of(service).routes
        if isinstance(route, Route) and route.path != "/" and not route.path.startswith(UNDESCRIBED)
        for method in (route.methods or set()) - {"HEAD"}
    }
    offered = {(path, method) for path, method, _ in operations()}
    assert offered <= served
    assert {path for path, _ in served - offered if "{" not in path} <= {
        f"/cubejs-api/{rest}"
        for rest in (
            "graphql",
            "v1/convert-query",
            "v1/graphql-to-json",
            "v1/pre-aggregations",
            "v1/running-query",
            "v1/run-scheduled-refresh",
        )
    }


@pytest.mark.parametrize(("method", "path", "body"), list(examples()))
async def test_every_example_is_answered_as_described(
    client: httpx.AsyncClient, method: str, path: str, body: Any
) -> None:
    operation = openapi()["paths"][path][method]
    validator(operation["requestBody"]["content"]["application/json"]["schema"]).validate(body)
    response = await client.request(method, path, json=body)
    assert response.status_code == 200, response.text
    described = operation["responses"]["200"]["content"][response.headers["content-type"]]
    if response.headers["content-type"] == "application/json":
        validator(described["schema"]).validate(response.json())


async def test_described_answers_without_a_body_are_true(client: httpx.AsyncClient) -> None:
    for path, method, operation in operations():
        needed = [each for each in operation.get("parameters", ()) if each.get("required")]
        if method != "get" or needed or operation["tags"] == ["Questions"]:
            continue
        response = await client.get(path)
        assert response.status_code == 200, path
        validator(operation["responses"]["200"]["content"]["application/json"]["schema"]).validate(response.json())


async def test_every_parameter_of_an_address_is_read(client: httpx.AsyncClient) -> None:
    parameters = {
        each["name"] for each in openapi()["paths"]["/v1/query"]["get"]["parameters"] if each["in"] == "query"
    }
    flat = openapi()["components"]["schemas"]["flat_query"]["properties"]
    assert parameters == {*flat, "sql", "format"} - {"time_zone"}
    asked = {
        "metrics": "bug_count,test_count",
        "dimensions": "severity",
        "filters": '{"status": "accepted"}',
        "date_range": "last 6 months",
        "time_dimension": "end_at",
        "granularity": "month",
        "limit": "5",
        "offset": "1",
        "sort_by": "bug_count",
        "sort_order": "asc",
        "total": "true",
        "totals": "true",
        "timezone": "Europe/Berlin",
    }
    response = await client.get("/v1/query", params=asked)
    assert response.status_code == 200, response.text
    wrong = await client.get("/v1/query", params={**asked, "metric": "bug_count"})
    assert '"metrics"' in wrong.json()["detail"]


def test_the_schema_of_questions_is_that_of_every_door() -> None:
    check = validator({"$ref": "#/components/schemas/query"})
    for query in queries():
        check.validate(query)
    assert not check.is_valid({"metrics": []})


async def test_problems_are_as_described(client: httpx.AsyncClient) -> None:
    check = validator({"$ref": "#/components/schemas/problem"})
    for path in ("/v1/query?metrics=nothing", "/nowhere", "/cubejs-api/v1/load", "/cubejs-api/graphql"):
        check.validate((await client.get(path)).json())
    told = openapi()["components"]["schemas"]["problem"]["properties"]["type"]["examples"]
    assert {kind.type for kind in kinds()} < set(told)


async def test_the_page_runs_nothing_but_its_own(client: httpx.AsyncClient) -> None:
    response = await client.get("/docs")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", response.text)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; connect-src 'self'; script-src 'sha256-")
    assert "unsafe" not in policy
    again = await client.get("/docs", headers={"if-none-match": response.headers["etag"]})
    assert again.status_code == 304


async def test_the_address_of_the_server_leads_to_the_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/docs")
