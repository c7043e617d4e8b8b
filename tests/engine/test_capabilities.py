"""What a model says can be asked of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.query.phrases import FORMS
from tests.engine.kiosk import make_model

TESTIO = Path(__file__).parents[2] / "semantic"


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> engine.Model:
    return make_model(tmp_path_factory.mktemp("kiosk"))


@pytest.fixture(scope="module")
def testio() -> engine.Model:
    return engine.load_model(TESTIO)


def named(members: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in members}


def size(found: dict[str, Any]) -> int:
    return len(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode())


def test_metrics_have_unit_formula_and_whether_they_add_up(kiosk: engine.Model) -> None:
    metrics = named(engine.capabilities(kiosk)["metrics"])
    assert metrics["order_count"] == {
        "name": "order_count",
        "unit": "orders",
        "description": "Number of orders.",
        "formula": "count(orders)",
    }
    assert metrics["revenue"]["formula"] == "sum(amount)"
    assert metrics["items_per_order"]["formula"] == "quantity / order_count"
    assert metrics["items_per_order"]["additive"] is False


def test_dimensions_have_type_values_and_their_first_sentence(kiosk: engine.Model) -> None:
    dimensions = named(engine.capabilities(kiosk)["dimensions"])
    assert dimensions["status"] == {
        "name": "status",
        "values": ["paid", "open"],
        "description": "Whether the order is paid.",
    }
    assert dimensions["month"]["type"] == "month of created_at"
    assert "shop_id" not in dimensions


def test_what_does_not_go_together_is_what_the_engine_refuses(kiosk: engine.Model) -> None:
    found = engine.capabilities(kiosk)
    assert found["only_with"] == [
        {"dimensions": ["wrapping"], "metrics": ["order_count", "revenue", "average", "every_count"]}
    ]
    barred = {
        (m, d)
        for each in found["only_with"]
        for d in each["dimensions"]
        for m in named(found["metrics"])
        if m not in each["metrics"]
    }
    for metric in named(found["metrics"]):
        for dimension in named(found["dimensions"]):
            query = {"metrics": [metric], "dimensions": [dimension]}
            if (metric, dimension) in barred:
                with pytest.raises(engine.QueryError):
                    engine.compile_query(query, kiosk, security={"shop": 1})
            else:
                engine.compile_query(query, kiosk, security={"shop": 1})


def test_rules_of_asking_are_told(kiosk: engine.Model) -> None:
    found = engine.capabilities(kiosk)
    assert found["model"]["name"] == "shop"
    assert found["about"] == "What was sold."
    assert found["default_filters"] == [{"member": "status", "operator": "equals", "values": ["paid"]}]
    assert found["limits"] == {"dimensions": 3, "rows": 100, "seconds": 10.0}
    assert found["dates"]["default"] == "created_at"
    assert found["dates"]["times"] == ["created_at"]
    assert {"last month", "2025-W48"} <= set(found["dates"]["phrases"])
    assert {"equals", "set", "notSet", "gt", "inDateRange"} <= set(found["filters"]["operators"])


def test_details_tell_everything(kiosk: engine.Model) -> None:
    found = engine.capabilities(kiosk, detail=True)
    status = named(found["dimensions"])["status"]
    assert status["description"].endswith("Long explanations follow the first sentence.")
    assert status["values"] == [{"value": "paid", "aliases": ["settled"]}, {"value": "open"}]
    assert named(found["dimensions"])["order"]["key"] == "order_id"
    assert named(found["metrics"])["revenue"]["formula"] == "sum({CUBE}.amount)"
    assert "note" not in found


@pytest.mark.parametrize("words", ["settled", "state payment", "STATUS"])
def test_a_search_reads_names_synonyms_and_values(kiosk: engine.Model, words: str) -> None:
    found = engine.capabilities(kiosk, search=words)
    assert "status" in named(found["dimensions"])
    assert "metrics" not in found or "revenue" not in named(found["metrics"])


def test_a_search_without_a_hit_says_so(kiosk: engine.Model) -> None:
    found = engine.capabilities(kiosk, search="weather")
    assert found["note"] == "Nothing is known as 'weather'. Leave out the search to see all there is."
    assert not found.keys() & {"metrics", "dimensions"}


def test_a_search_without_a_whole_hit_finds_what_has_most_of_its_words(testio: engine.Model) -> None:
    found = engine.capabilities(testio, search="weather by number of testers")
    assert [each["name"] for each in found["metrics"]] == ["active_testers"]
    assert found["note"] == "Nothing has all words of 'weather by number of testers'; these have the most of them."
    assert "note" not in engine.capabilities(testio, search="number of testers")


def test_the_product_s_own_model_fits_into_one_look_with_descriptions(testio: engine.Model) -> None:
    found = engine.capabilities(testio)
    assert size(found) <= 5_700
    assert all(each.get("description") for each in found["metrics"])
    assert not any(each["formula"].endswith("…") for each in found["metrics"])
    assert found["only_with"] == [
        {"dimensions": ["platform"], "metrics": ["test_count", "tests_created", "tests_submitted"]}
    ]


def test_what_is_shortened_is_still_all_there(testio: engine.Model) -> None:
    """Each dimension and time can be found in the short form, and each date range can be written."""
    short, whole = engine.capabilities(testio), engine.capabilities(testio, detail=True)
    buckets = {name: part for each in short["dimensions"] for name, part in each.get("buckets", {}).items()}
    assert buckets == {
        "day": "day",
        "week": "week",
        "month": "month",
        "quarter": "quarter",
        "created_month": "month",
        "reported_month": "month",
    }
    assert {*named(short["dimensions"]), *buckets} == {*named(whole["dimensions"])}
    assert [each["name"] for each in short["dimensions"] if each.get("type") == "time"] == whole["dates"]["times"]
    for one, other in ((short, whole), (whole, short)):
        assert {each["name"]: each.get("additive") for each in one["metrics"]} == {
            each["name"]: each.get("additive") for each in other["metrics"]
        }
    assert len(short["dates"]["phrases"]) < len(whole["dates"]["phrases"])
    readers = {form.read for form in FORMS if form.examples}
    told = {form.read for form in FORMS if form.examples and form.examples[0] in short["dates"]["phrases"]}
    assert told == readers


def test_a_bucket_without_its_time_stands_alone(testio: engine.Model) -> None:
    found = engine.capabilities(testio, search="quarter in which")
    assert [each["name"] for each in found["dimensions"]] == ["quarter"]
    assert found["dimensions"][0]["type"] == "quarter of end_at"


def test_a_large_model_is_cut_to_names_and_says_how_many_are_left_out(tmp_path: Path) -> None:
    cubes = []
    for number in range(60):
        dimensions = "".join(
            f'      - {{name: d{index}, sql: "{{CUBE}}.d{index}", type: string, description: Some text to be left out}}\n'
            for index in range(20)
        )
        cubes.append(
            f"  - name: cube_{number}\n    sql_table: t{number}\n    dimensions:\n{dimensions}"
            f"    measures:\n      - {{name: count, type: count}}\n"
        )
    (tmp_path / "cubes.yml").write_text("cubes:\n" + "".join(cubes), encoding="utf-8")
    model = engine.load_model(tmp_path)
    found = engine.capabilities(model)
    assert size(found) <= 5_700
    assert found["left_out"]["dimensions"] == 1_200 - len(found["dimensions"])
    assert len(found["metrics"]) == 60
    assert "search" in found["note"]
    assert len(engine.capabilities(model, search="cube 59 d3")["dimensions"]) == 1
