"""What all parts of one sync share while it is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.moments import utc_now
from ingest.progress import Progress, Silent
from ingest.records import Origin
from ingest.report import Tally

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.client import Client
    from ingest.settings import SyncSettings
    from ingest.store import Store


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """Which part of the data a sync is about.

    `products` are ids, none for all. `since` (UTC) leaves out tests that ended before it. `full` reads again what is
    known, also what is final. Without `bugs` the bugs are left as they are. With `dry_run` nothing is written.
    """

    products: tuple[int, ...] = ()
    since: datetime | None = None
    full: bool = False
    bugs: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One sync: where it reads and writes, what it was asked to do, and what became of it so far."""

    settings: SyncSettings
    options: SyncOptions
    client: Client
    store: Store
    progress: Progress = field(default_factory=Silent)
    tally: Tally = field(default_factory=Tally)
    started_at: datetime = field(default_factory=utc_now)

    def origin(self) -> Origin:
        """What the rows that are read now carry."""
        return Origin(self.settings.customer_id, utc_now())
