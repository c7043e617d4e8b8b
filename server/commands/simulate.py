"""`metric-cube simulate`: a TestIO API without TestIO, for whoever has no token."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

import click

from ingest.simulator import Simulator, WorldSize, make_world, random_faults, serve_simulator


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8123, show_default=True, help="0 takes a free one.")
@click.option("--token", default="demo", show_default=True, help="The token that callers have to send.")
@click.option("--products", type=click.IntRange(min=1), default=4, show_default=True, help="How many products.")
@click.option("--tests", type=click.IntRange(min=1), default=200, show_default=True, help="How many tests.")
@click.option("--bugs", type=click.IntRange(min=0), default=3000, show_default=True, help="How many bugs.")
@click.option("--days", type=click.IntRange(min=1), default=730, show_default=True, help="Days of history.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed is another customer.")
@click.option(
    "--latency", type=click.FloatRange(min=0), default=0.0, show_default=True, help="Seconds before each answer."
)
@click.option(
    "--faults",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="This share of all calls fails: 429, 5xx, broken, cut and dropped answers; asking again helps.",
)
@click.option(
    "--retry-after", type=click.IntRange(min=0), default=0, show_default=True, help="Seconds that a 429 asks to wait."
)
def simulate(
    host: str, port: int, token: str, seed: int, latency: float, faults: float, retry_after: int, **size: int
) -> None:
    """Serve a simulated TestIO API until Ctrl-C."""
    world = make_world(WorldSize(**size), now=datetime.now(UTC), seed=seed)
    simulator = Simulator(world, token, latency)
    simulator.faults.rules = [random_faults(seed, faults)] if faults else []
    simulator.faults.retry_after_seconds = retry_after
    with serve_simulator(simulator, host=host, port=port) as url, suppress(KeyboardInterrupt):
        there = f"{len(world.products):,} products, {len(world.all_tests()):,} tests, {len(world.all_bugs()):,} bugs"
        click.echo(f"A simulated TestIO API with {there} is at {url}. Ctrl-C stops it.\n")
        click.echo("In another terminal:\n")
        click.echo(f"  export TESTIO_API_URL={url} TESTIO_API_TOKEN={token} TESTIO_CUSTOMER_ID=1")
        click.echo("  export METRIC_CUBE_DATABASE=simulated.sqlite")
        click.echo("  metric-cube sync")
        click.echo("  metric-cube query --metrics bug_count --dimensions feature --limit 5")
        threading.Event().wait()
    click.echo("\nStopped.")
