"""Turns the API's records into rows of our tables: pure functions, one for each kind of record.

What reaches a row is named here, so that the user name and password of a test environment reach none, also not inside
the columns that keep the API's JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.fields import (
    BadRecord,
    Json,
    dump,
    flag,
    identity,
    joined,
    moment,
    part,
    parts,
    text,
    texts,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

Row = dict[str, Any]
Shaped = TypeVar("Shaped")


@dataclass(frozen=True, slots=True)
class TestRecord:
    """A test's row, still without user ids, and the rows that hang on it.

    A feature's title is None where the test does not say it; `nameless` counts the features that say not even which they are.
    """

    row: Row
    created_by: str | None
    submitted_by: str | None
    features: tuple[Row, ...]
    platforms: tuple[Row, ...]
    nameless: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """What every row carries: whose it is, and when it was read."""

    customer_id: int
    at: datetime


def shape_all(
    records: Iterable[Any], shape: Callable[[Any, Origin], Shaped], origin: Origin
) -> tuple[list[Shaped], list[str]]:
    """All records that can be kept, and for each of the others what is wrong with it."""
    shaped, problems = [], []
    for record in records:
        try:
            shaped.append(shape(record, origin))
        except BadRecord as error:
            problems.append(str(error))
    return shaped, problems


def partition(shaped: Iterable[Shaped], fits: Callable[[Shaped], bool]) -> tuple[list[Shaped], list[Shaped]]:
    """Those that fit, and the others."""
    chosen: list[Shaped] = []
    others: list[Shaped] = []
    for one in shaped:
        (chosen if fits(one) else others).append(one)
    return chosen, others


def shape_product(record: Json, origin: Origin) -> Row:
    """The row of a product."""
    return {
        "id": identity(record, "product"),
        "customer_id": origin.customer_id,
        "title": text(record, "name") or "Untitled",
        "type": text(record, "type"),
        "description": text(record, "description"),
        "data": dump({**record, "connection": _name_only(record, "connection")}),
        "synced_at": origin.at,
    }


def section_ids(product: Json) -> list[int]:
    """The sections by which a product's features are to be asked for; none if all come at once."""
    own, default = parts(product, "sections"), parts(product, "sections_with_default")
    if not own and len(default) <= 1:
        return []
    return [identity(section, "section") for section in own or default]


def shape_features(product_id: int, by_section: Mapping[int | None, list[Json]], origin: Origin) -> list[Row]:
    """The rows of a product's features; one that stands in several sections is one row. None stands for no section."""
    rows: dict[int, Row] = {}
    sections: dict[int, list[int]] = {}
    for section, records in by_section.items():
        for record in records:
            feature_id = identity(record, "feature")
            sections.setdefault(feature_id, []).extend([] if section is None else [section])
            rows[feature_id] = {
                "id": feature_id,
                "customer_id": origin.customer_id,
                "product_id": product_id,
                "title": text(record, "title") or "Untitled",
                "description": text(record, "description"),
                "howtofind": text(record, "howtofind"),
                "user_stories": dump(texts(record, "user_stories")),
                "deleted": False,
                "synced_at": origin.at,
            }
    return [{**row, "section_ids": dump(sorted(set(sections[feature_id])))} for feature_id, row in rows.items()]


def shape_test(record: Json, origin: Origin) -> TestRecord:
    """A test with its features and platforms."""
    test_id = identity(record, "test")
    environment = part(record, "test_environment")
    sent = parts(record, "features")
    named = [one for one in sent if whole_number(one, "id") and whole_number(one, "feature_id")]
    row = {
        "id": test_id,
        "customer_id": origin.customer_id,
        "product_id": identity(part(record, "product"), f"product of test {test_id}"),
        "title": text(record, "title") or text(record, "test_title") or "Untitled",
        "goal": text(record, "goal_text") or text(record, "goal"),
        "status": text(record, "status") or "unknown",
        "testing_type": text(record, "testing_type") or "test_case",
        "review_status": text(record, "review_status"),
        "duration_minutes": whole_number(record, "duration"),
        "start_at": moment(record, "start_at"),
        "end_at": moment(record, "end_at"),
        "created_at": moment(record, "created_at"),
        "test_environment_id": whole_number(environment, "id"),
        "test_environment": text(environment, "title"),
        "synced_at": origin.at,
        "data": dump(
            {
                **record,
                "test_environment": {key: environment.get(key) for key in ("id", "title")} if environment else None,
                "product": _name_only(record, "product"),
            }
        ),
    }
    return TestRecord(
        row=row,
        created_by=text(record, "created_by"),
        submitted_by=text(record, "submitted_by"),
        features=tuple(_test_feature_row(one, test_id, origin) for one in named),
        platforms=tuple(_platform_rows(parts(record, "requirements"), test_id, origin)),
        nameless=len(sent) - len(named),
    )


def _test_feature_row(record: Json, test_id: int, origin: Origin) -> Row:
    return {
        "id": record["id"],
        "customer_id": origin.customer_id,
        "test_id": test_id,
        "feature_id": record["feature_id"],
        "title": text(record, "title"),
        "description": text(record, "description"),
        "howtofind": text(record, "howtofind"),
        "user_stories": dump(texts(record, "user_stories")),
        "enable_default": flag(record, "enable_default"),
        "enable_content": flag(record, "enable_content"),
        "enable_visual": flag(record, "enable_visual"),
    }


def _platform_rows(requirements: list[Json], test_id: int, origin: Origin) -> list[Row]:
    """One row for each operating system asked for, with the kinds of device it was asked for on."""
    kinds: dict[str, list[str | None]] = {}
    for requirement in requirements:
        system = text(part(requirement, "operating_system"), "name")
        if system:
            kinds.setdefault(system, []).append(text(part(requirement, "category"), "name"))
    return [
        {
            "customer_id": origin.customer_id,
            "test_id": test_id,
            "operating_system": system,
            "category": joined(names),
        }
        for system, names in kinds.items()
    ]


def _name_only(record: Json, name: str) -> Json | None:
    """An object that may hold addresses and credentials, cut down to what names it."""
    found = part(record, name)
    return {key: found.get(key) for key in ("id", "name")} if found else None
