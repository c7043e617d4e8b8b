"""Golden files: a question, the SQL expected for it, and SQL written by hand that has to give the same rows.

/*
about: Revenue by region …
model: shop
query: {"measures": ["orders.revenue"], "dimensions": ["customers.region"]}
*/

-- sqlite {"p0": "EAST"}          the dialect, and the parameters
SELECT …
-- duckdb                         only where it differs in more than the marks of parameters
SELECT …
-- check                          written by hand
SELECT …
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.engine.worlds import NOW, WORLDS, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Statement

FOLDER = Path(__file__).parent / "golden"
DIALECTS = ("sqlite", "duckdb", "postgres")

_SECTION = re.compile(r"^-- (sqlite|duckdb|postgres|check)(?: (\{.*\}))?$", re.MULTILINE)
_MARKS = re.compile(r"[:$](p\d+)|%\((p\d+)\)s")


@dataclass(frozen=True)
class Golden:
    """One file."""

    path: Path
    header: str
    asked: Mapping[str, Any]
    sections: Mapping[str, tuple[str, str]]

    @property
    def world(self) -> World:
        return WORLDS[self.asked["model"]]

    @property
    def check(self) -> str:
        return self.sections["check"][1]

    def expected(self, dialect: str) -> tuple[str, str]:
        """The parameters, as text, and the SQL, its parameters marked in SQLite's way."""
        parameters, sql = self.sections.get(dialect) or self.sections.get("sqlite", ("", ""))
        return parameters, marked(sql)

    def statement(self, dialect: str) -> Statement:
        """What the engine makes of the question now."""
        options = {key: self.asked[key] for key in ("security",) if key in self.asked}
        now = datetime.fromisoformat(self.asked["now"]) if "now" in self.asked else NOW
        return self.world.compile(self.asked["query"], dialect, now=now, **options)

    def rewritten(self) -> str:
        """The file with the SQL that the engine writes now."""
        statements = {dialect: self.statement(dialect) for dialect in DIALECTS}
        plain = marked(statements["sqlite"].sql)
        parts = [self.header]
        for dialect, statement in statements.items():
            if dialect == "sqlite" or marked(statement.sql) != plain:
                values = _parameters(statement)
                parts.append(f"-- {dialect}{' ' + values if values else ''}\n{statement.sql}")
        return "\n\n".join([*parts, f"-- check\n{self.check}"]) + "\n"


def goldens() -> list[Golden]:
    """All golden files."""
    return [read(path) for path in sorted(FOLDER.glob("*.sql"))]


def read(path: Path) -> Golden:
    text = path.read_text(encoding="utf-8")
    header, end, rest = text.partition("*/")
    starts = list(_SECTION.finditer(rest))
    ends = [match.start() for match in starts[1:]] + [len(rest)]
    sections = {
        match[1]: (match[2] or "", rest[match.end() : stop].strip()) for match, stop in zip(starts, ends, strict=True)
    }
    return Golden(path, header + end, yaml.safe_load(header.removeprefix("/*")), sections)


def told(statement: Statement) -> tuple[str, str]:
    """A statement in the form in which `Golden.expected` gives one."""
    return _parameters(statement), marked(statement.sql)


def marked(sql: str) -> str:
    """SQL with every dialect's parameters as `:p0`."""
    return _MARKS.sub(lambda match: ":" + (match[1] or match[2]), sql)


def _parameters(statement: Statement) -> str:
    # Moments are texts on SQLite and datetimes elsewhere; in one form, files differ where the SQL does.
    return json.dumps(dict(statement.parameters), default=str, ensure_ascii=False) if statement.parameters else ""
