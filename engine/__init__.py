"""Metric Cube's engine: from a model in YAML and a question to a right number.

A name is imported from its module when it is first asked for: `metric-cube check` needs no database.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.api import compile_query, explain_query, query_key, run_query
    from engine.catalogue import capabilities
    from engine.errors import DatabaseError, EngineError, Issue, ModelError, QueryError, QueryTimeout
    from engine.execute.database import Database, open_database
    from engine.execute.freshness import Freshness, FreshnessReport, Scope, Source, SourceState
    from engine.execute.result import Account, Result
    from engine.model.loader import load_model
    from engine.model.model import Model
    from engine.plan.explanation import Explanation
    from engine.sql.statement import Statement

__all__ = [
    "Account",
    "Database",
    "DatabaseError",
    "EngineError",
    "Explanation",
    "Freshness",
    "FreshnessReport",
    "Issue",
    "Model",
    "ModelError",
    "QueryError",
    "QueryTimeout",
    "Result",
    "Scope",
    "Source",
    "SourceState",
    "Statement",
    "capabilities",
    "compile_query",
    "explain_query",
    "load_model",
    "open_database",
    "query_key",
    "run_query",
]

_HOMES = {
    "engine.api": ("compile_query", "explain_query", "query_key", "run_query"),
    "engine.catalogue": ("capabilities",),
    "engine.errors": ("DatabaseError", "EngineError", "Issue", "ModelError", "QueryError", "QueryTimeout"),
    "engine.execute.database": ("Database", "open_database"),
    "engine.execute.freshness": ("Freshness", "FreshnessReport", "Scope", "Source", "SourceState"),
    "engine.execute.result": ("Account", "Result"),
    "engine.model.loader": ("load_model",),
    "engine.model.model": ("Model",),
    "engine.plan.explanation": ("Explanation",),
    "engine.sql.statement": ("Statement",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
