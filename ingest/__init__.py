"""Fills the database from the TestIO Customer API and keeps it fresh; knows nothing of the engine that reads it."""

from ingest.background import Schedule, run_background_sync, should_run_initial_sync
from ingest.customers import Customer, customer_from_environment, read_customers
from ingest.database import shown_url
from ingest.errors import (
    ApiError,
    ApiFault,
    ApiMissing,
    ApiRefused,
    ApiTimeout,
    ApiUnreachable,
    DataError,
    IngestError,
    Interrupted,
    SettingsError,
    StoreBusy,
    StoreError,
    StoreLocked,
    TokenMissing,
)
from ingest.freshness import Freshness, open_freshness
from ingest.linking import BackfillReport, BackfillState, Linked, backfill
from ingest.loading import LoadReport, load_table
from ingest.pipeline import sync
from ingest.progress import Phase, Progress
from ingest.report import Problem, SyncReport
from ingest.run import SyncOptions
from ingest.schema import database_revision, downgrade_database, is_newer, newest_revision, upgrade_database
from ingest.settings import DEFAULT_API_URL, SyncSettings
from ingest.staleness import Refreshed, Scope
from ingest.status import EventStatus, ProductStatus, SyncStatus, read_status
from ingest.tokens import token_of
from ingest.waiting import waits_told

__all__ = [
    "DEFAULT_API_URL",
    "ApiError",
    "ApiFault",
    "ApiMissing",
    "ApiRefused",
    "ApiTimeout",
    "ApiUnreachable",
    "BackfillReport",
    "BackfillState",
    "Customer",
    "DataError",
    "EventStatus",
    "Freshness",
    "IngestError",
    "Interrupted",
    "Linked",
    "LoadReport",
    "Phase",
    "Problem",
    "ProductStatus",
    "Progress",
    "Refreshed",
    "Schedule",
    "Scope",
    "SettingsError",
    "StoreBusy",
    "StoreError",
    "StoreLocked",
    "SyncOptions",
    "SyncReport",
    "SyncSettings",
    "SyncStatus",
    "TokenMissing",
    "backfill",
    "customer_from_environment",
    "database_revision",
    "downgrade_database",
    "is_newer",
    "load_table",
    "newest_revision",
    "open_freshness",
    "read_customers",
    "read_status",
    "run_background_sync",
    "should_run_initial_sync",
    "shown_url",
    "sync",
    "token_of",
    "upgrade_database",
    "waits_told",
]
