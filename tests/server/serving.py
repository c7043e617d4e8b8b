"""A service over a model and a database that a test has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.agents.source import Source
from server.service import Caller, FixedModel, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Database, Freshness, Model


WARNED = """\
cubes:
  - name: bugs
    sql_table: bugs
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
    measures:
      - {name: bug_count, type: count}
      - {name: half, sql: "id / 2", type: sum}
"""
"""A model that can be asked, and of which `check` warns once."""


def source_of(
    model: Model, database: Database, security: Mapping[str, Any], freshness: Freshness | None = None
) -> Source:
    """What tools answer from, for one caller."""
    return Source(Service(FixedModel(model), database, lambda _model, _security: freshness), Caller(security))
