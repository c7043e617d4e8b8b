"""How long it takes to make SQL of a question: of a new shape, of a known one, and how that grows with the model."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot

import engine
from tests.benchmarks.measuring import median, milliseconds, show, times
from tests.benchmarks.models import write_model
from tests.benchmarks.questions import QUESTIONS, SECURITY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine import Model

_ROUNDS = 40
_NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
_SIZES = (10, 100, 1000)
_SEMANTIC = Path(__file__).parents[2] / "semantic"
_MOST = 900

Query = dict[str, Any]


def compile_times(model: Model, query: Mapping[str, Any], dialect: str = "sqlite") -> tuple[float, float]:
    """Medians in seconds: each time a shape not seen before, then one shape with values that differ."""

    def new_shape(number: int) -> None:
        # The limit is part of the SQL, so each is a shape of its own.
        engine.compile_query({**query, "limit": _MOST - number}, model, dialect=dialect, security=SECURITY, now=_NOW)

    def known_shape(number: int) -> None:
        asked = {**query, "filters": _other_values(query.get("filters"), number)}
        engine.compile_query(asked, model, dialect=dialect, security=SECURITY, now=_NOW)

    times(new_shape, 2)
    uncached = median(times(new_shape, _ROUNDS))
    known_shape(0)
    return uncached, median(times(known_shape, _ROUNDS * 10))


def _other_values(filters: Any, number: int) -> Any:
    """The filters with the other of two values, where there are any."""
    others = {"severity": ("critical", "high"), "testing_type": ("rapid", "focused")}
    return {name: others[name][number % 2] for name in filters} if filters else filters


def compile_report() -> None:
    """The twelve questions, beside sqlglot reading and writing the SQL that comes out."""
    model = engine.load_model(_SEMANTIC)
    rows, all_uncached, all_cached = [], [], []
    for question in QUESTIONS:
        uncached, cached = compile_times(model, question.query)
        sql = engine.compile_query(question.query, model, security=SECURITY, now=_NOW).sql
        yardstick = median(times(_rewriting(sql), _ROUNDS))
        all_uncached.append(uncached)
        all_cached.append(cached)
        rows.append([question.name, *map(milliseconds, (uncached, cached, yardstick)), f"{uncached / yardstick:.2f}"])
    rows.append(["median", milliseconds(median(all_uncached)), milliseconds(median(all_cached)), "", ""])
    columns = ["question", "new shape, ms", "known shape, ms", "sqlglot reads + writes it, ms", "ratio"]
    show(
        "Compiling twelve questions (SQLite)",
        columns,
        rows,
        "Wanted: 1 ms for a new shape, 0.1 ms for a known one (medians).",
    )


def _rewriting(sql: str) -> Callable[[int], str]:
    return lambda _: sqlglot.parse_one(sql, dialect="sqlite").sql("sqlite")


def growth_report() -> None:
    """Loading, checking and compiling over models of 10 to 1,000 cubes."""
    rows = [["semantic/ (the product's)", *_loading(_SEMANTIC), "", ""]]
    with tempfile.TemporaryDirectory() as place:
        for form in ("tree", "chain"):
            for size in _SIZES:
                folder = Path(place) / f"{form}{size}"
                write_model(folder, size, form)
                model = engine.load_model(folder)
                compiled = [compile_times(model, query) for query in synthetic_queries(size)]
                rows.append(
                    [
                        f"{size:,} cubes in a {form}",
                        *_loading(folder),
                        milliseconds(median(each for each, _ in compiled)),
                        milliseconds(median(each for _, each in compiled)),
                    ]
                )
    columns = ["model", "load and check, ms", "per cube, ms", "new shape, ms", "known shape, ms"]
    show(
        "Growth with the size of the model",
        columns,
        rows,
        "Wanted: 150 ms for the product's model, a few seconds for 1,000 cubes.",
    )


def _loading(folder: Path) -> tuple[str, str]:
    files = len(list(folder.rglob("*.yml")))
    taken = median(times(lambda _: engine.load_model(folder), 5 if files < _MOST else 1))
    return milliseconds(taken), milliseconds(taken / files)


def synthetic_queries(size: int) -> list[Query]:
    """Questions to a generated model: near its leaves, up a few steps, two facts, a range of dates."""
    last = f"c{size - 1}"
    near = f"c{(size - 2) // 5}"
    return [
        {"measures": [f"{last}.count"], "dimensions": [f"{last}.d0"]},
        {"measures": [f"{last}.m0", f"{last}.rate"], "dimensions": [f"{last}.d1", f"{last}.at.month"]},
        {"measures": [f"{last}.m1"], "dimensions": ["c0.d0"]},
        {"measures": [f"{last}.count", f"{near}.count"], "dimensions": ["c0.d2"]},
        {
            "measures": [f"{near}.count"],
            "dimensions": [f"{near}.d0"],
            "timeDimensions": [{"dimension": f"{near}.at", "dateRange": "2025"}],
        },
        {"dimensions": [f"{last}.d0", "c0.d0"]},
    ]
