"""`metric-cube backfill`, `load`, `db` and a sync of several customers: what they say, and their exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from ingest.simulator.world import World
from tests.server.conftest import TOKEN
from tests.server.screens import on_a_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Run

NEW = "new.sqlite"
CUSTOMERS = """
[[customers]]
id = 1
name = "Acme"
token_env = "TOKEN_OF_ACME"
[[customers]]
id = 2
name = "Beta"
token_env = "TOKEN_OF_BETA"
"""


@pytest.fixture
def simulator(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A small simulated API that the environment points to; the database is a new file."""
    served = Simulator(make_world(WorldSize(products=2, tests=12, bugs=60, days=90), now=datetime.now(UTC)), TOKEN)
    with serve_simulator(served) as url:
        monkeypatch.setenv("TESTIO_API_URL", url)
        monkeypatch.setenv("TESTIO_API_TOKEN", TOKEN)
        monkeypatch.setenv("METRIC_CUBE_DATABASE", NEW)
        yield served


def change(sql: str) -> None:
    with closing(sqlite3.connect(NEW)) as connection, connection:
        connection.execute(sql)


def count(sql: str) -> int:
    with closing(sqlite3.connect(NEW)) as connection:
        found: int = connection.execute(sql).fetchone()[0]
    return found


def test_a_backfill_tells_how_far_it_is_and_what_it_linked(run: Run, simulator: Simulator) -> None:
    run("sync")
    linked = count("SELECT count(test_feature_id) FROM bugs")
    change("UPDATE bugs SET test_feature_id = NULL")
    dry = run("backfill", "--dry-run")
    assert (dry.exit_code, "Nothing was written" in dry.stdout) == (0, True)
    assert count("SELECT count(test_feature_id) FROM bugs") == 0
    result = run("backfill", "--batch", "25")
    assert result.exit_code == 0, result.stderr
    assert f"Bugs: 60 read, {linked} name a feature, {linked} of them linked (100 %)." in result.stdout
    assert "Batch 4: 72 of 72 (100 %)" in result.stderr
    assert "0 s left, 72 succeeded, 0 failed" in result.stderr
    assert count("SELECT count(test_feature_id) FROM bugs") == linked
    assert json.loads(run("backfill", "--format", "json").stdout)["bugs"]["linked"] == linked


def test_a_backfill_of_broken_records_lists_them_and_has_its_exit_code(run: Run, simulator: Simulator) -> None:
    run("sync")
    change("UPDATE bugs SET raw_data = 'nonsense' WHERE id % 3 = 0")
    result = run("backfill")
    assert result.exit_code == 4
    unread = count("SELECT count(*) FROM bugs WHERE id % 3 = 0")
    assert f"{unread} records could not be read:\n  bug " in result.stderr
    assert f"{unread - 10} more; all of them are listed in backfill_errors.log. A full sync" in result.stderr
    assert re.search(r"2\d(\.\d+)? % of all records could not be read; 5 % may be\.\n$", result.stderr)
    assert "the stored payload is not JSON" in Path("backfill_errors.log").read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_told_before_anything_is_done(run: Run, simulator: Simulator) -> None:
    run("sync")
    change("UPDATE bugs SET test_feature_id = NULL")
    result = run("backfill", "--error-log", "nowhere/errors.log")
    assert (result.exit_code, "nowhere/errors.log, cannot be written: No such file" in result.stderr) == (1, True)
    assert count("SELECT count(test_feature_id) FROM bugs") == 0
    run("backfill")
    assert not Path("backfill_errors.log").exists(), "nothing to list"


def test_a_customer_of_whom_nothing_is_stored_is_told_who_is_there(run: Run, simulator: Simulator) -> None:
    assert "holds no data of customer" not in run("sync").stderr
    for command in ("backfill", "status"):
        result = run(command, "--customer", "99")
        assert result.exit_code == 1
        assert "The database holds no data of customer 99." in result.stderr
        assert "It holds those of 1: is the id right?" in result.stderr


def test_a_backfill_on_a_screen_changes_one_line_that_fits_it(run: Run, simulator: Simulator) -> None:
    run("sync")
    for width, wanted in (
        (100, "Batch 4: 72 of 72 (100 %), "),
        (41, "72 of 72 (100 %), 0 s left, 0 failed"),
        (30, "72 of 72 (100 %), 0 s left"),
    ):
        drawn = on_a_screen(width, "backfill", "--batch", "20", term="xterm")
        lines = [line for line in re.split(r"\r|\n|\x1b\[K", drawn) if " of 72" in line]
        assert [line.split(" of ")[0].split()[-1] for line in lines] == ["12", "32", "52", "72"]
        assert lines[-1].startswith(wanted)
        assert max(map(len, lines)) < width


def test_a_backfill_of_nothing_makes_no_database(run: Run, simulator: Simulator) -> None:
    result = run("backfill")
    assert (result.exit_code, "Run a sync" in result.stderr) == (3, True)
    assert not Path(NEW).exists()


def test_a_file_is_loaded_and_can_be_asked(run: Run, simulator: Simulator) -> None:
    Path("orders.csv").write_text("id,Order Date,amount\n1,2026-01-31,10\n2,,12.5\n", encoding="utf-8")
    dry = run("load", "orders", "orders.csv", "--dry-run")
    assert (dry.exit_code, Path(NEW).exists()) == (0, False)
    assert dry.stdout.splitlines()[:3] == [
        "  id          integer",
        '  order_date  date     from "Order Date"',
        "  amount      number",
    ]
    first = run("load", "orders", "orders.csv", "--key", "id")
    assert "Loaded 2 rows into table orders, which is new." in first.stdout
    Path("more.jsonl").write_text('{"id": 2, "amount": 99}\n{"id": 3, "amount": 1}\n', encoding="utf-8")
    report = json.loads(run("load", "orders", "more.jsonl", "--key", "id", "--format", "json").stdout)
    assert (report["rows"], report["created"], report["columns"]) == (2, False, {"id": "integer", "amount": "number"})
    assert count("SELECT sum(amount) FROM orders") == 110


def test_what_a_file_leaves_open_is_told_and_settled_by_an_option(run: Run) -> None:
    Path("orders.csv").write_text("id;day;paid\n1;1/2/2026;31.01.2026\n", encoding="utf-8")
    told = run("load", "orders", "orders.csv", "--dry-run", "--database", NEW).stdout
    assert 'day is a text, and "1/2/2026" may be meant otherwise: 2026-02-01 with --dates day-first or' in told
    assert 'paid is a date: "31.01.2026" is read as 2026-01-31.' in told
    arguments = ("--dates", "month-first", "--format", "json", "--database", NEW)
    report = json.loads(run("load", "orders", "orders.csv", *arguments).stdout)
    assert report["columns"]["day"] == "date"
    assert report["notes"][0] == 'day is a date: "1/2/2026" is read as 2026-01-02.'


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("orders", "missing.csv"), 2, "does not exist"),
        (("orders", "rows.csv"), 1, "rows.csv:2: there are 1 values for 2 columns"),
        (("tests", "rows.csv"), 1, "belongs to the sync"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_a_line(
    run: Run, simulator: Simulator, arguments: tuple[str, str], code: int, message: str
) -> None:
    Path("rows.csv").write_text("id,amount\n1\n", encoding="utf-8")
    result = run("load", *arguments)
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr


def test_a_database_goes_up_and_down(run: Run, simulator: Simulator) -> None:
    assert "none" in run("db", "status").stdout
    assert run("db", "downgrade", "--to", "base", "--yes").exit_code == 0
    assert not Path(NEW).exists()
    assert "from no migration to" in run("db", "upgrade").stdout
    assert "Nothing to do" in run("db", "upgrade").stdout
    state = json.loads(run("db", "status", "--format", "json").stdout)
    assert state["current"]
    assert run("db", "downgrade", "--to", "base", given="n\n").exit_code == 130
    assert run("db", "downgrade", "--to", "base", "--yes").exit_code == 0
    assert json.loads(run("db", "status", "--format", "json").stdout)["revision"] is None


def test_a_migration_that_nobody_knows_is_refused(run: Run, simulator: Simulator) -> None:
    result = run("db", "upgrade", "--to", "v9")
    assert (result.exit_code, "This release knows base" in result.stderr) == (3, True), result.stderr


def test_a_sync_of_chosen_products_reads_them_alone(run: Run, simulator: Simulator) -> None:
    product = simulator.world.products[0]["id"]
    assert run("sync", "--products", f"{product},{product}").exit_code == 0
    assert count("SELECT count(DISTINCT product_id) FROM tests") == 1
    refused = run("sync", "--products", "shop")
    assert (refused.exit_code, "--products 12,15" in refused.stderr) == (2, True)


def test_customers_are_synced_one_after_the_other_and_a_failure_is_told(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("customers.toml").write_text(CUSTOMERS, encoding="utf-8")
    monkeypatch.setenv("TOKEN_OF_ACME", TOKEN)
    monkeypatch.setenv("TOKEN_OF_BETA", "wrong-token")
    result = run("sync", "--customers", "customers.toml")
    assert result.exit_code == 4
    assert "Customer Acme\nRead 2 products" in result.stdout
    assert "does not accept the token" in result.stderr
    assert "Check the variable TOKEN_OF_BETA, where it stands." in result.stderr
    assert "wrong-token" not in result.output
    assert count("SELECT count(*) FROM tests WHERE customer_id = 1") == 12
    monkeypatch.setenv("TOKEN_OF_ACME", "wrong-token")
    result = run("sync", "--customers", "customers.toml", "--format", "json")
    assert result.exit_code == 3
    assert [each["outcome"] for each in json.loads(result.stdout)["customers"]] == ["failed", "failed"]


def test_one_of_several_customers_is_synced_alone(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("customers.toml").write_text(CUSTOMERS, encoding="utf-8")
    monkeypatch.setenv("TOKEN_OF_ACME", "wrong-token")
    monkeypatch.setenv("TOKEN_OF_BETA", TOKEN)
    result = run("sync", "--customers", "customers.toml", "--customer", "2")
    assert (result.exit_code, result.stdout.startswith("Customer Beta\n")) == (0, True)
    unknown = run("sync", "--customers", "customers.toml", "--customer", "3")
    assert (unknown.exit_code, "lists no customer 3" in unknown.stderr, "It lists 1, 2." in unknown.stderr) == (
        1,
        True,
        True,
    )


def moved(data: Any) -> Any:
    """The same data under other ids, as no two customers have one."""
    if isinstance(data, list):
        return [moved(each) for each in data]
    if not isinstance(data, dict):
        return data
    ids = ("id", "feature_id", "default_section_id")
    plain = {
        key: value + 1_000_000 if key in ids and isinstance(value, int) else moved(value) for key, value in data.items()
    }
    return {key + 1_000_000 if isinstance(key, int) else key: value for key, value in plain.items()}


def test_each_of_two_customers_sees_what_is_theirs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = (
        make_world(WorldSize(products=size, tests=9 * size, bugs=40 * size, days=90), now=datetime.now(UTC))
        for size in (1, 2)
    )
    large = World(moved(large.products), moved(large.features), moved(large.tests), moved(large.bugs))
    for features in large.features.values():
        for feature in features:
            feature["section_ids"] = moved([{"id": one} for one in feature["section_ids"]])
            feature["section_ids"] = [one["id"] for one in feature["section_ids"]]
    monkeypatch.setenv("METRIC_CUBE_DATABASE", NEW)
    monkeypatch.setenv("TOKEN_OF_ACME", TOKEN)
    monkeypatch.setenv("TOKEN_OF_BETA", "of-beta")
    with serve_simulator(Simulator(small, TOKEN)) as acme, serve_simulator(Simulator(large, "of-beta")) as beta:
        names = (f'name = "Acme"\napi_url = "{acme}"', f'name = "Beta"\napi_url = "{beta}"')
        text = CUSTOMERS.replace('name = "Acme"', names[0]).replace('name = "Beta"', names[1])
        Path("customers.toml").write_text(text, encoding="utf-8")
        result = run("sync", "--customers", "customers.toml")
        assert result.exit_code == 0, result.stderr
    executed = "status IN ('running', 'locked', 'archived')"
    for customer in (1, 2):
        status = json.loads(run("status", "--customer", str(customer), "--format", "json").stdout)
        assert (len(status["products"]), status["bugs"], len(status["events"])) == (customer, 40 * customer, 1)
        asked = ("query", "-m", "bug_count,test_count", "--no-refresh", "--format", "json")
        (row,) = json.loads(run(*asked, "--security", f"customer_id={customer}").stdout)["rows"]
        theirs = f"customer_id = {customer} AND {executed}"
        bugs = count(f"SELECT count(*) FROM bugs WHERE test_id IN (SELECT id FROM tests WHERE {theirs})")
        assert row == [bugs, count(f"SELECT count(*) FROM tests WHERE {theirs}")]


def test_a_file_of_customers_that_is_wrong_is_told(run: Run, simulator: Simulator) -> None:
    result = run("sync", "--customers", "missing.toml")
    assert (result.exit_code, "missing.toml cannot be read" in result.stderr) == (1, True)
    assert simulator.traffic.total == 0


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_person_sees_what_a_command_waits_for(run: Run, simulator: Simulator) -> None:
    run("db", "upgrade")
    Path("orders.csv").write_text("id,amount\n1,10\n", encoding="utf-8")
    pipe = subprocess.PIPE
    holding, loading = (
        [sys.executable, "-c", HOLDER, NEW],
        [sys.executable, "-m", "server", "load", "orders", "orders.csv"],
    )
    with subprocess.Popen(holding, stdin=pipe, stdout=pipe, text=True) as holder:  # noqa: S603
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with subprocess.Popen(loading, stdout=pipe, stderr=pipe, text=True) as process:  # noqa: S603
            assert process.stderr
            assert process.stderr.readline().startswith(f"Waiting, for at most 30 s, for the lock of {NEW}")
            holder.communicate("\n")
            told, more = process.communicate()
    assert (process.returncode, "Loaded 1 row" in told, "Went on after" in more) == (0, True, True)


def test_a_simulator_may_fail_on_demand(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    command = [
        sys.executable,
        "-m",
        "server",
        "simulate",
        "--port",
        "0",
        "--tests",
        "9",
        "--bugs",
        "9",
        "--faults",
        "1",
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=pipe, text=True, env=environment) as process:  # noqa: S603
        assert process.stdout
        url = process.stdout.readline().split(" is at ")[1].split(". Ctrl-C")[0]
        spoilt = 0
        for _ in range(3):
            try:
                answer = httpx.get(f"{url}/products", headers={"Authorization": "Token demo"})
                spoilt += (
                    answer.status_code != 200 or not answer.content.startswith(b"{") or answer.content[-1:] != b"}"
                )
            except httpx.HTTPError:
                spoilt += 1
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert spoilt == 3
