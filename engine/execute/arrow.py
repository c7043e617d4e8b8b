"""A result as an Arrow table; pyarrow, an optional package, is imported when one is asked for."""

from __future__ import annotations

import importlib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError, Issue

if TYPE_CHECKING:
    from engine.execute.result import Result

_READERS = {"date": date.fromisoformat, "time": datetime.fromisoformat}


def pyarrow() -> Any:
    """The package; raises EngineError if it is not installed."""
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        hint = "Install it with: pip install pyarrow"
        raise EngineError(Issue("E_PACKAGE_MISSING", "Arrow tables need pyarrow.", hint=hint)) from error


def arrow_table(result: Result) -> Any:
    """The rows as a `pyarrow.Table`: dates as `date32`, times as `timestamp[us]`, numbers as `int64` or `double`.

    Raises EngineError if pyarrow is not installed.
    """
    pa = pyarrow()
    types = {"date": pa.date32(), "time": pa.timestamp("us"), "string": pa.string(), "boolean": pa.bool_()}
    arrays = []
    for index, column in enumerate(result.columns):
        values = [row[index] for row in result.rows]
        read = _READERS.get(column.type)
        if read is not None:
            values = [None if value is None else read(value) for value in values]
        elif column.type == "number" and any(isinstance(value, float) for value in values):
            values = [None if value is None else float(value) for value in values]
        kind = types.get(column.type)
        arrays.append(pa.array(values, type=kind if kind is not None or values else pa.float64()))
    return pa.table(arrays, names=[column.member for column in result.columns])
