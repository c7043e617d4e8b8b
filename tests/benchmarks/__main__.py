"""Measures side by side in one run: `make bench`, or `python -m tests.benchmarks --bugs 1000000 run`."""

from __future__ import annotations

import argparse

from tests.benchmarks.agents import agents_report
from tests.benchmarks.compiling import compile_report, growth_report
from tests.benchmarks.freshening import fresh_report
from tests.benchmarks.running import run_report
from tests.benchmarks.serving import serving_report
from tests.benchmarks.starting import start_report
from tests.benchmarks.syncing import sync_report

_PARTS = ("start", "compile", "grow", "run", "sync", "fresh", "agents", "serve")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=_PARTS, help="which to measure; all by default")
    parser.add_argument("--bugs", type=int, default=200_000, help="how many bugs the databases hold")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long a thousand clients ask")
    asked = parser.parse_args()
    parts = asked.parts or _PARTS
    if "start" in parts:
        start_report()
    if "compile" in parts:
        compile_report()
    if "grow" in parts:
        growth_report()
    if "run" in parts:
        run_report(asked.bugs)
    if "sync" in parts:
        sync_report()
    if "fresh" in parts:
        fresh_report()
    if "agents" in parts:
        agents_report()
    if "serve" in parts:
        serving_report(asked.bugs, asked.seconds)


if __name__ == "__main__":
    main()
