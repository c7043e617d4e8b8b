"""Metric Cube's engine: from a model in YAML and a question to a right number."""

from engine.api import compile_query, run_query
from engine.errors import DatabaseError, EngineError, Issue, ModelError, QueryError, QueryTimeout
from engine.execute.database import Database, open_database
from engine.execute.result import Result
from engine.model.loader import load_model
from engine.model.model import Model
from engine.sql.statement import Statement

__all__ = [
    "Database",
    "DatabaseError",
    "EngineError",
    "Issue",
    "Model",
    "ModelError",
    "QueryError",
    "QueryTimeout",
    "Result",
    "Statement",
    "compile_query",
    "load_model",
    "open_database",
    "run_query",
]
