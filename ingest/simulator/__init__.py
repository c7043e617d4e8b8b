"""A simulated TestIO Customer API, for tests, demos, measurements and whoever has no token."""

from ingest.simulator.application import Simulator
from ingest.simulator.changes import change_world
from ingest.simulator.faults import (
    Call,
    FaultKind,
    FaultRule,
    Faults,
    always,
    bad_position,
    first_times,
    large_bug_batches,
    random_faults,
)
from ingest.simulator.generator import make_world
from ingest.simulator.runner import run_simulator, serve_simulator
from ingest.simulator.traffic import Traffic
from ingest.simulator.world import World, WorldSize

__all__ = [
    "Call",
    "FaultKind",
    "FaultRule",
    "Faults",
    "Simulator",
    "Traffic",
    "World",
    "WorldSize",
    "always",
    "bad_position",
    "change_world",
    "first_times",
    "large_bug_batches",
    "make_world",
    "random_faults",
    "run_simulator",
    "serve_simulator",
]
