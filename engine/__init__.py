"""Metric Cube's engine: from a model in YAML and a question to a right number."""

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
