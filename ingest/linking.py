"""Fills test_features and the bugs' links to them from the API's JSON that is stored with each test and bug.

For databases that were filled before these existed. Batches are one transaction each; running again changes nothing more.
What names a feature and is not linked afterwards is listed, and what cannot be read is written to a log and left out.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from math import floor
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, func, select, update

from ingest.bug_records import shape_bug
from ingest.bug_writer import make_missing_features
from ingest.concurrency import to_the_end
from ingest.errors import SettingsError, StoreError
from ingest.fields import BadRecord, dump
from ingest.lock import writer_lock
from ingest.moments import utc_now
from ingest.presence import refuse_unknown
from ingest.records import Origin, shape_test
from ingest.schema import database_revision, upgrade_database
from ingest.store import open_store
from ingest.tables import bugs, products, test_features, tests
from ingest.waiting import patience
from ingest.writer import stored_ids, write_test_features

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Column, Connection, Row, Select, Table

    from ingest.fields import Json
    from ingest.store import Store

    Link = Callable[[Connection, Mapping[int, Json], "Linked"], None]

Shaped = TypeVar("Shaped")

BATCH = 500
MOST_FAILURES = 0.05
ENOUGH_LINKED = 0.95


@dataclass(frozen=True, slots=True)
class BackfillState:
    """How far a backfill has come, after a batch; `total` is what there is to do, tests and bugs together."""

    batch: int
    done: int
    total: int
    succeeded: int
    failed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds until the end, if it goes on like this."""
        return (self.total - self.done) / self.rate if self.rate else 0.0


@dataclass(slots=True)
class Linked:
    """Of one kind of record: how many there are, name a feature and are linked to it; and those that are not, by id."""

    total: int = 0
    named: int = 0
    linked: int = 0
    mismatches: list[int] = field(default_factory=list)

    def judge(self, key: int, *, linked: bool) -> None:
        """Count a record that names a feature."""
        self.named += 1
        self.linked += linked
        if not linked:
            self.mismatches.append(key)

    @property
    def share(self) -> float:
        """The share that is linked of those that name a feature."""
        return self.linked / self.named if self.named else 1.0

    @property
    def percent(self) -> str:
        """That share as a person reads it."""
        return _percent(self.share)


@dataclass(slots=True)
class BackfillReport:
    """What a backfill did or, as a dry run, would do; `errors` are lines, one for each record that could not be read."""

    dry_run: bool
    tests: Linked = field(default_factory=Linked)
    bugs: Linked = field(default_factory=Linked)
    errors: list[str] = field(default_factory=list)

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """Why this is not good enough, in sentences: too many records that could not be read, or too few that are linked."""
        done = self.tests.total + self.bugs.total
        unread = len(self.errors) / done if done else 0.0
        told = [f"{_percent(unread)} of all records could not be read; {_percent(MOST_FAILURES)} may be."]
        few = [
            f"{linked.percent} of the {kind} that name a feature are linked; {_percent(ENOUGH_LINKED)} have to be."
            for kind, linked in (("tests", self.tests), ("bugs", self.bugs))
            if linked.share < ENOUGH_LINKED
        ]
        return (*(told if unread > MOST_FAILURES else ()), *few)

    @property
    def exit_code(self) -> int:
        """4 when more than 5 % could not be read, or fewer than 95 % of what names a feature is linked; else 0."""
        return 4 if self.shortcomings else 0


def _percent(share: float) -> str:
    """A share as a person reads it; one below a whole is never shown as it.

    >>> _percent(0.05), _percent(0.94996), _percent(0.99996), _percent(1.0)
    ('5 %', '94.99 %', '99.99 %', '100 %')
    """
    return f"{floor(share * 10_000 + 1e-6) / 100:g} %"


async def backfill(
    database_url: str,
    customer_id: int,
    *,
    dry_run: bool = False,
    batch: int = BATCH,
    progress: Callable[[BackfillState], None] | None = None,
    error_log: Path | None = None,
) -> BackfillReport:
    """Run over all tests, then all bugs of the customer; errors are appended to `error_log`.

    Raises `StoreError` where there is no database of this product, `StoreBusy` while a sync writes, `SettingsError` for a log that
    cannot be written and for a customer of whom nothing is stored. One that is cancelled finishes its batch.
    """
    return await to_the_end(_backfill(database_url, customer_id, dry_run, batch, progress, error_log))


async def _backfill(
    database_url: str,
    customer_id: int,
    dry_run: bool,
    batch: int,
    progress: Callable[[BackfillState], None] | None,
    error_log: Path | None,
) -> BackfillReport:
    if error_log:
        _refuse_unwritable(error_log)
    if await database_revision(database_url) is None:
        raise StoreError(
            "There is no database of TestIO's data to be linked.", hint="Run a sync: it links what it reads."
        )
    await upgrade_database(database_url)
    report = BackfillReport(dry_run)
    async with open_store(database_url, customer_id) as store, writer_lock(store):
        await store.read(refuse_unknown, customer_id)
        job = _Job(store, report, batch, progress, await _count(store))
        await job.run(tests, tests.c.data, report.tests, job.link_tests)
        await job.run(bugs, bugs.c.raw_data, report.bugs, job.link_bugs)
        if not dry_run:
            await store.optimize()
    if error_log and report.errors:
        with error_log.open("a", encoding="utf-8") as log:
            log.writelines(f"{utc_now():%Y-%m-%d %H:%M:%S} {line}\n" for line in report.errors)
    return report


def _refuse_unwritable(path: Path) -> None:
    """Raise `SettingsError` for a log that could not be written at the end."""
    there = path.exists()
    try:
        path.open("a").close()
        if not there:
            path.unlink()
    except OSError as error:
        message = f"The log of errors, {path}, cannot be written: {error.strerror or error}."
        raise SettingsError(message, hint="Give another file by --error-log.") from error


@dataclass(slots=True)
class _Job:
    store: Store
    report: BackfillReport
    batch: int
    progress: Callable[[BackfillState], None] | None
    total: int
    batches: int = 0
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    async def run(self, table: Table, payload: Column[str], linked: Linked, link: Link) -> None:
        """Link the rows of one table, a batch to a transaction, in the order of their ids."""
        last = 0
        while True:
            chosen = select(table.c.id, payload).where(table.c.customer_id == self.store.customer_id, table.c.id > last)
            patience().go_on()
            rows = await self.store.write(
                self._link_some, chosen.order_by(table.c.id).limit(self.batch), table, linked, link
            )
            if not rows:
                return
            last = rows[-1][0]
            self._tell(len(rows))

    def _link_some(
        self, connection: Connection, chosen: Select[Any], table: Table, linked: Linked, link: Link
    ) -> Sequence[Row[Any]]:
        """Link some rows and return them; what a dry run has written is undone."""
        with connection.begin_nested() as undoing:
            rows = connection.execute(chosen).all()
            linked.total += len(rows)
            link(connection, self._parse(table.name.removesuffix("s"), rows), linked)
            if self.report.dry_run:
                undoing.rollback()
        return rows

    def link_tests(self, connection: Connection, payloads: Mapping[int, Json], linked: Linked) -> None:
        """Write the features that the tests' payloads name."""
        records = [one for one in self._shape("test", payloads, shape_test) if one.features]
        never_read = select(products.c.id).where(products.c.features_synced_at.is_(None))
        write_test_features(connection, records, set(connection.scalars(never_read)))
        stored = stored_ids(connection, test_features, [one["id"] for record in records for one in record.features])
        for record in records:
            linked.judge(record.row["id"], linked=all(one["id"] in stored for one in record.features))

    def link_bugs(self, connection: Connection, payloads: Mapping[int, Json], linked: Linked) -> None:
        """Link the bugs to the features of their tests that their payloads name."""
        shaped = self._shape("bug", payloads, lambda payload, origin: shape_bug(dump(payload), origin))
        records = [one for one in shaped if one.test_feature_id is not None]
        lost = make_missing_features(connection, self.store.customer_id, records)
        links = [
            {"bug": one.row.id, "feature": one.test_feature_id} for one in records if one.test_feature_id not in lost
        ]
        if links:
            link = update(bugs).where(bugs.c.id == bindparam("bug")).values(test_feature_id=bindparam("feature"))
            connection.execute(link, links)
        for record in records:
            linked.judge(record.row.id, linked=record.test_feature_id not in lost)

    def _parse(self, kind: str, rows: Iterable[Row[int, str | None]]) -> dict[int, Json]:
        """The payloads that are JSON objects, by id; rows without one are left out, broken ones told."""
        payloads = {}
        for key, payload in rows:
            try:
                parsed = json.loads(payload) if payload else None
            except ValueError as error:
                self.report.errors.append(f"{kind} {key}: the stored payload is not JSON: {error}")
                continue
            if isinstance(parsed, dict):
                payloads[key] = parsed
        return payloads

    def _shape(self, kind: str, payloads: Mapping[int, Json], shape: Callable[[Json, Origin], Shaped]) -> list[Shaped]:
        origin = Origin(self.store.customer_id, utc_now())
        shaped = []
        for key, payload in payloads.items():
            try:
                shaped.append(shape({**payload, "id": key}, origin))
            except BadRecord as error:
                self.report.errors.append(f"{kind} {key}: {error}")
        return shaped

    def _tell(self, count: int) -> None:
        self.batches += 1
        self.done += count
        if self.progress:
            failed = len(self.report.errors)
            seconds = time.monotonic() - self.began
            self.progress(BackfillState(self.batches, self.done, self.total, self.done - failed, failed, seconds))


async def _count(store: Store) -> int:
    return sum([await store.read(_count_of, table, store.customer_id) for table in (tests, bugs)])


def _count_of(connection: Connection, table: Table, customer_id: int) -> int:
    return connection.scalars(select(func.count()).where(table.c.customer_id == customer_id)).one()
