"""The orders, items and returns on which known engines give wrong numbers, with the answers computed by hand."""

from __future__ import annotations

from datetime import datetime

from tests.oracle.expressions import Column
from tests.oracle.model import Cube, Data, Dimension, Join, Measure, Model, Row, Table

MODEL = Model(
    tables=(
        Table("customers", (("id", "integer"), ("region", "text"), ("age", "integer"))),
        Table(
            "orders",
            (
                ("id", "integer"),
                ("customer_id", "integer"),
                ("amount", "integer"),
                ("status", "text"),
                ("created_at", "timestamp"),
            ),
        ),
        Table("items", (("id", "integer"), ("order_id", "integer"), ("product", "text"), ("qty", "integer"))),
        Table(
            "returns",
            (("id", "integer"), ("customer_id", "integer"), ("amount", "integer"), ("created_at", "timestamp")),
        ),
    ),
    cubes=(
        Cube(
            "customers",
            "customers",
            (
                Dimension("id", "number", Column("id"), primary_key=True),
                Dimension("region", "string", Column("region")),
            ),
            (Measure("count", "count"), Measure("age", "avg", Column("age"))),
        ),
        Cube(
            "orders",
            "orders",
            (
                Dimension("id", "number", Column("id"), primary_key=True),
                Dimension("status", "string", Column("status")),
                Dimension("created_at", "time", Column("created_at")),
            ),
            (Measure("count", "count"), Measure("revenue", "sum", Column("amount"))),
            joins=(Join("customers", "many_to_one", (("customer_id", "id"),)),),
        ),
        Cube(
            "items",
            "items",
            (
                Dimension("id", "number", Column("id"), primary_key=True),
                Dimension("product", "string", Column("product")),
            ),
            (Measure("qty", "sum", Column("qty")),),
            joins=(Join("orders", "many_to_one", (("order_id", "id"),)),),
        ),
        Cube(
            "returns",
            "returns",
            (
                Dimension("id", "number", Column("id"), primary_key=True),
                Dimension("created_at", "time", Column("created_at")),
            ),
            (Measure("amount", "sum", Column("amount")),),
            joins=(Join("customers", "many_to_one", (("customer_id", "id"),)),),
        ),
    ),
)


def _rows(columns: str, *rows: tuple[object, ...]) -> list[Row]:
    return [dict(zip(columns.split(), row, strict=True)) for row in rows]


def _on(month: int, day: int) -> datetime:
    return datetime(2025, month, day)  # noqa: DTZ001 - wall-clock time of the model's zone


DATA: Data = {
    "customers": _rows(
        "id region age", (1, "EAST", 30), (2, "EAST", 40), (3, "WEST", 50), (4, "NORTH", 60), (5, None, 70)
    ),
    "orders": _rows(
        "id customer_id amount status created_at",
        (101, 1, 100, "completed", _on(1, 15)),
        (102, 1, 50, "completed", _on(1, 20)),
        (103, 2, 200, "pending", _on(2, 10)),
        (104, 3, 75, "completed", _on(2, 11)),
        (105, 99, 30, "completed", _on(4, 1)),
        (106, 5, 10, "completed", _on(4, 2)),
    ),
    "items": _rows(
        "id order_id product qty",
        (1, 101, "A", 1),
        (2, 101, "B", 2),
        (3, 101, "C", 3),
        (4, 102, "A", 1),
        (5, 103, "A", 5),
        (6, 103, "B", 1),
        (7, 104, None, 2),
    ),
    "returns": _rows(
        "id customer_id amount created_at",
        (201, 1, 10, _on(1, 30)),
        (202, 3, 5, _on(2, 20)),
        (203, 4, 15, _on(3, 5)),
        (204, 5, 1, _on(4, 5)),
        (205, 1, 2, _on(4, 6)),
    ),
}
