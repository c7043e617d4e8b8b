"""Fills the database from the TestIO Customer API and keeps it fresh; knows nothing of the engine that reads it."""

from ingest.errors import (
    ApiError,
    ApiFault,
    ApiMissing,
    ApiRefused,
    ApiTimeout,
    ApiUnreachable,
    IngestError,
    SettingsError,
    StoreBusy,
    StoreError,
)
from ingest.freshness import Freshness, open_freshness
from ingest.pipeline import sync
from ingest.progress import Phase, Progress
from ingest.report import Problem, SyncReport
from ingest.run import SyncOptions
from ingest.schema import database_revision, downgrade_database, newest_revision, upgrade_database
from ingest.settings import DEFAULT_API_URL, SyncSettings
from ingest.staleness import Refreshed, Scope
from ingest.status import EventStatus, ProductStatus, SyncStatus, read_status

__all__ = [
    "DEFAULT_API_URL",
    "ApiError",
    "ApiFault",
    "ApiMissing",
    "ApiRefused",
    "ApiTimeout",
    "ApiUnreachable",
    "EventStatus",
    "Freshness",
    "IngestError",
    "Phase",
    "Problem",
    "ProductStatus",
    "Progress",
    "Refreshed",
    "Scope",
    "SettingsError",
    "StoreBusy",
    "StoreError",
    "SyncOptions",
    "SyncReport",
    "SyncSettings",
    "SyncStatus",
    "database_revision",
    "downgrade_database",
    "newest_revision",
    "open_freshness",
    "read_status",
    "sync",
    "upgrade_database",
]
