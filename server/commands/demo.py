"""`metric-cube demo`: the whole way once, from a simulated API to answers in the terminal and for an agent."""

from __future__ import annotations

import asyncio
import json
import shlex
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import ingest
from engine import load_model, open_database, run_query
from ingest import SyncSettings
from ingest.simulator import Simulator, make_world, serve_simulator
from server.commands.options import is_watched
from server.commands.sync import progress_on, tell
from server.settings import CUSTOMER, DATABASE, SHIPPED_MODEL
from server.terminal.question import flags_of
from server.terminal.table import print_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine import Model, Result

    Query = dict[str, Any]

_TOKEN = "demo"  # noqa: S105  the simulator's, which guards nothing
_SECURITY = {"customer_id": 1}
_WORST: Query = {"metrics": ["critical_bug_count", "bug_count"], "dimensions": ["feature"], "limit": 5}
_TREND: Query = {"metrics": ["bugs_per_test"], "dimensions": ["month"], "start_date": "6 months ago"}


@click.command()
@click.option("--database", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Keep the data here.")
def demo(database: Path | None) -> None:
    """See it work: a simulated TestIO API, a sync, three questions, the last one through an MCP client too.

    Nothing is left behind, unless --database names a SQLite file to keep for questions of your own.
    """
    began = time.perf_counter()
    with _file(database) as file:
        _heading("A simulated TestIO API is started, and its data synced over HTTP")
        _sync(file)
        _ask_three(load_model(SHIPPED_MODEL), file)
        seconds = time.perf_counter() - began
    _heading(f"Done in {seconds:.0f} s. The simulator is stopped{'' if database else ', its data deleted'}.")
    _next_steps(database)


@contextmanager
def _file(kept: Path | None) -> Iterator[Path]:
    """The database file: the one to keep, or one that is gone afterwards."""
    if kept is not None:
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="metric-cube-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "demo.sqlite"


def _sync(file: Path) -> None:
    world = make_world(now=datetime.now(UTC))
    with serve_simulator(Simulator(world, _TOKEN)) as url, progress_on(is_watched()) as progress:
        settings = SyncSettings(url, _TOKEN, _SECURITY["customer_id"], f"sqlite:///{file}")
        report = asyncio.run(ingest.sync(settings, progress=progress))
    tell(report)


def _ask_three(model: Model, file: Path) -> None:
    _ask("1. Which feature has the most critical bugs?", _WORST, model, file)
    feature = _busiest_feature(model, file)
    testers: Query = {
        "metrics": ["bug_count", "test_count"],
        "dimensions": ["tester"],
        "filters": {"feature": feature},
        "date_range": "last month",
        "limit": 5,
    }
    _ask(f"2. Who tested {feature} last month?", testers, model, file)
    here = _ask("3. What is the bug density trend by month?", _TREND, model, file)
    _heading("The same question as an agent asks it: an MCP client, over stdio, calls query_metrics")
    click.secho(f"query_metrics({json.dumps(_TREND)})\n", dim=True)
    from server.agents.probe import ask_over_stdio

    there = asyncio.run(ask_over_stdio(_TREND, file, _SECURITY["customer_id"]))
    _show_reply(there, here)


def _ask(question: str, query: Query, model: Model, file: Path) -> Result:
    _heading(question)
    click.secho(f"$ metric-cube query {shlex.join(flags_of(query))}\n", dim=True)
    result = asyncio.run(_run(query, model, file))
    print_answer(result)
    return result


async def _run(query: Query, model: Model, file: Path) -> Result:
    async with open_database(f"sqlite:///{file}") as database:
        return await run_query(query, model, database, security=_SECURITY)


def _busiest_feature(model: Model, file: Path) -> str:
    """The feature with the most bugs of last month, to ask about."""
    query: Query = {
        "metrics": ["bug_count"],
        "dimensions": ["feature"],
        "filters": [{"member": "feature", "operator": "set"}],
        "date_range": "last month",
        "limit": 1,
    }
    rows = asyncio.run(_run(query, model, file)).dicts()
    return str(rows[0]["feature"]) if rows else "Login"


def _show_reply(reply: dict[str, Any], here: Result) -> None:
    """What the agent was told, and that it is what the terminal showed."""
    for name in ("rows", "explanation", "query_time_ms"):
        click.echo(f"{name + ':':15}{json.dumps(reply[name], ensure_ascii=False)}")
    for index, note in enumerate(reply["notes"]):
        click.echo(f"{'' if index else 'notes:':15}{note}")
    same = [tuple(row) for row in reply["rows"]] == [tuple(row) for row in here.rows]
    click.echo()
    click.secho("The rows are those of the terminal." if same else "The rows differ from the terminal's.", bold=True)


def _next_steps(database: Path | None) -> None:
    if database is None:
        click.echo("To ask questions of your own:  metric-cube demo --database demo.sqlite")
        return
    click.echo("Ask questions of your own:\n")
    click.echo(f"  export {DATABASE}={shlex.quote(str(database.resolve()))} {CUSTOMER}={_SECURITY['customer_id']}")
    click.echo("  metric-cube capabilities")
    click.echo("  metric-cube query --metrics rejection_rate --dimensions product")


def _heading(text: str) -> None:
    click.secho(f"\n━━ {text}\n", fg="cyan", bold=True)
