"""`metric-cube sync` and `status`, against the simulator over HTTP."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from ingest import SyncSettings
from ingest.simulator import Simulator, WorldSize, always, make_world, random_faults, serve_simulator
from tests.server.conftest import TOKEN
from tests.server.screens import on_a_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Run

SMALL = WorldSize(products=2, tests=12, bugs=60, days=90)


@pytest.fixture
def simulator(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A small simulated API that the environment points to; the database is a new file."""
    served = Simulator(make_world(SMALL, now=datetime.now(UTC)), TOKEN)
    with serve_simulator(served) as url:
        monkeypatch.setenv("TESTIO_API_URL", url)
        monkeypatch.setenv("TESTIO_API_TOKEN", TOKEN)
        monkeypatch.setenv("METRIC_CUBE_DATABASE", "new.sqlite")
        yield served


def test_a_sync_says_what_it_read_and_the_database_can_be_asked(run: Run, simulator: Simulator) -> None:
    result = run("sync")
    assert result.exit_code == 0, result.stderr
    assert "2 products" in result.stdout
    assert "12 tests, 60 bugs" in result.stdout
    assert run("query", "-m", "bug_count").exit_code == 0


def test_a_dry_run_writes_nothing(run: Run, simulator: Simulator) -> None:
    result = run("sync", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout == (
        "Nothing was written. A sync would read 2 products, the features of 2, "
        "the tests of 2 from the newest back (12 on the first pages are new), the bugs of new ones.\n"
    )
    assert run("query", "-m", "bug_count").exit_code == 3
    run("sync")
    later = run("sync", "--dry-run").stdout
    assert "would read 2 products, the newest tests of 2 (0 on the first pages are new).\n" in later


def test_a_program_gets_the_report_as_data(run: Run, simulator: Simulator) -> None:
    report = json.loads(run("sync", "--format", "json").stdout)
    assert (report["outcome"], report["read"]["tests"]) == ("complete", 12)


def test_a_part_that_could_not_be_read_is_told_and_has_its_exit_code(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.commands.sync.SyncSettings", partial(SyncSettings, backoff_seconds=0.01))
    simulator.faults.rules = [always("products/{product}/features", "not-an-object")]
    result = run("sync")
    assert result.exit_code == 4
    assert "Only a part was read" in result.stderr


def test_a_wrong_token_is_refused(run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTIO_API_TOKEN", "wrong")
    result = run("sync")
    assert (result.exit_code, "does not accept the token" in result.stderr) == (3, True)


def test_the_password_of_a_database_is_shown_nowhere(run: Run, simulator: Simulator) -> None:
    result = run("sync", "--database", "postgresql://me:s3cret@127.0.0.1:9/cube")
    assert result.exit_code == 3
    assert "into postgresql://me:***@127.0.0.1:9/cube" in result.stderr
    assert "s3cret" not in result.stdout + result.stderr


def test_no_token_and_no_customer_are_told_apart(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (run("sync").exit_code, "TESTIO_API_TOKEN" in run("sync").stderr) == (1, True)
    monkeypatch.delenv("TESTIO_CUSTOMER_ID")
    assert (run("sync").exit_code, "TESTIO_CUSTOMER_ID" in run("sync").stderr) == (2, True)


def test_a_date_that_nobody_understands_is_refused(run: Run, simulator: Simulator) -> None:
    result = run("sync", "--since", "last blubb")
    assert (result.exit_code, "not a date" in result.stderr) == (1, True)
    assert simulator.traffic.total == 0


def test_status_tells_what_is_there_and_how_the_last_sync_went(run: Run, simulator: Simulator) -> None:
    run("sync")
    told = run("status").stdout
    assert "Bugs      60" in told
    assert "complete" in told
    assert json.loads(run("status", "--format", "json").stdout)["bugs"] == 60


def test_a_test_that_was_missed_is_told_when_it_is_found_and_when_the_list_was_checked(
    run: Run, simulator: Simulator
) -> None:
    simulator.world = make_world(WorldSize(products=1, tests=40, bugs=0), now=datetime.now(UTC))
    ((_, tests),) = simulator.world.tests.items()
    hidden = tests.pop(30)
    assert "Found" not in run("sync").stdout
    assert ", checked" not in run("status").stdout
    tests.insert(30, hidden)
    assert "Found 1 test that earlier syncs had missed." in run("sync").stdout
    assert ", checked 20" in run("status").stdout


@pytest.mark.parametrize(("width", "label"), [(100, "Bugs of tests"), (40, "Bugs   ")])
def test_a_person_sees_each_phase_on_the_screen(run: Run, simulator: Simulator, width: int, label: str) -> None:
    simulator.faults.rules = [random_faults(3, 0.3)]
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", on_a_screen(width, "sync", term="xterm", PYTHONUTF8="1"))
    lines = [line for line in re.split(r"[\r\n]+", drawn) if line.strip()]
    assert max(map(len, lines)) <= width
    for name, done in (("Products", "2 of 2"), ("Features", "2 of 2"), ("Tests", "12 of 12"), (label, " of ")):
        assert any(line.startswith(f"✓ {name}") and done in line for line in lines), drawn
    assert "12 tests, 60 bugs in " in " ".join(drawn.split())


def test_status_tells_why_a_sync_failed_and_how_much_another_lacks(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.commands.sync.SyncSettings", partial(SyncSettings, backoff_seconds=0.01))
    simulator.faults.rules = [always("products/{product}/features", "not-an-object")]
    run("sync")
    simulator.token = "another"  # noqa: S105
    run("sync")
    told = run("status").stdout.splitlines()
    assert "Customer  1" in told
    assert re.fullmatch(r"  20.* failed in .* s", told[-3])
    assert told[-2].startswith("    The API does not accept the token (HTTP 401). Check TESTIO_API_TOKEN")
    assert re.search(r"partial in .* s: 2 products, .*12 tests, 60 bugs; \d+ missing$", told[-1])


def test_status_of_no_database_makes_none(run: Run, simulator: Simulator) -> None:
    assert run("status").exit_code == 3
    assert run("query", "-m", "bug_count").exit_code == 3
