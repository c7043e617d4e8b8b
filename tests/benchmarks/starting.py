"""How long a command takes to start: CPU time of the whole process, beside a Python that does nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measuring import median, milliseconds, show

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROUNDS = 15
_SEMANTIC = Path(__file__).parents[2] / "semantic"
_COMMANDS: dict[str, Sequence[str]] = {
    "python -c pass": ("-c", "pass"),
    "python -c 'import click'": ("-c", "import click"),
    "python -c 'import sqlglot'": ("-c", "import sqlglot"),
    "metric-cube --help": ("-m", "server", "--help"),
    "metric-cube query --help": ("-m", "server", "query", "--help"),
    "metric-cube check (TestIO)": ("-m", "server", "check", str(_SEMANTIC)),
    "metric-cube sql": ("-m", "server", "sql", "-m", "bug_count", "-d", "feature", "--security", "customer_id=1"),
}


def start_report() -> None:
    """Least and median of several starts; what a machine does besides counts for neither."""
    rows = []
    for name, arguments in _COMMANDS.items():
        found = [_cpu_seconds(arguments) for _ in range(_ROUNDS)]
        rows.append((name, milliseconds(min(found)), milliseconds(median(found))))
    show(
        "Start",
        ("command", "least ms", "median ms"),
        rows,
        "CPU time of the process; the aim is 250 ms without a database",
    )


def _cpu_seconds(arguments: Sequence[str]) -> float:
    """The CPU time, user and system, of one run of Python with these arguments."""
    quiet = [(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_WRONLY, 0) for each in (1, 2)]
    process = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0, arguments
    return usage.ru_utime + usage.ru_stime
