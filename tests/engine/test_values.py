"""The values of a result, from the forms in which drivers give them to the one form of an answer."""

# ruff: noqa: DTZ001 - databases give times without a zone

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from engine.execute.values import ColumnType, Value, normalise_rows, normalise_value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "Ünï", "Ünï"),
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string", False, "false"),
        ("string", b"caf\xc3\xa9\xff", "café\ufffd"),
        ("string", date(2025, 1, 2), "2025-01-02"),
        ("string", UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("number", 7, 7),
        ("number", 10**30, 10**30),
        ("number", 0.5, 0.5),
        ("number", True, 1),
        ("number", math.nan, None),
        ("number", math.inf, None),
        ("number", Decimal(12345678901234567890), 12345678901234567890),
        ("number", Decimal("2.50"), 2.5),
        ("number", Decimal("1E+3"), 1000.0),
        ("number", Decimal("NaN"), None),
        ("number", Decimal("1E+999"), None),
        ("number", "12", 12),
        ("number", "12.5", 12.5),
        ("number", "many", "many"),
        ("boolean", True, True),
        ("boolean", 0, False),
        ("boolean", 1, True),
        ("boolean", Decimal(1), True),
        ("boolean", "TRUE", True),
        ("boolean", "f", False),
        ("boolean", "perhaps", "perhaps"),
        ("date", date(2025, 11, 3), "2025-11-03"),
        ("date", datetime(2025, 11, 3, 0, 0), "2025-11-03"),
        ("date", "2025-11-03", "2025-11-03"),
        ("date", "2025-11-03 00:00:00", "2025-11-03"),
        ("date", "2025-11-03T00:00:00.000", "2025-11-03"),
        ("date", "soon", "soon"),
        ("time", date(2025, 11, 3), "2025-11-03T00:00:00"),
        ("time", datetime(2025, 11, 3, 10, 30), "2025-11-03T10:30:00"),
        ("time", datetime(2025, 11, 3, 10, 30, tzinfo=timezone(timedelta(hours=2))), "2025-11-03T08:30:00"),
        ("time", datetime(2025, 11, 3, 10, 30, 0, 120000, tzinfo=UTC), "2025-11-03T10:30:00.120000"),
        ("time", "2025-11-03 10:30:00", "2025-11-03T10:30:00"),
        ("time", "2025-11-03 10:30", "2025-11-03T10:30:00"),
        ("time", "2025-11-03T10:30:00Z", "2025-11-03T10:30:00"),
        ("time", 1762165800, "1762165800"),
    ],
)
def test_each_type_has_one_form(kind: ColumnType, value: object, expected: Value) -> None:
    found = normalise_value(value, kind)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("kind", ["string", "number", "boolean", "date", "time"])
def test_null_stays_null(kind: ColumnType) -> None:
    assert normalise_value(None, kind) is None


def test_rows_are_read_by_the_types_of_their_columns() -> None:
    rows = [("2025-11-01", 1, Decimal(3)), (None, 0, None)]
    assert normalise_rows(rows, ["date", "boolean", "number"]) == (("2025-11-01", True, 3), (None, False, None))


def test_a_row_of_another_width_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="zip"):
        normalise_rows([(1, 2)], ["number"])
