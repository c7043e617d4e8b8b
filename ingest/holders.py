"""Finds the processes that hold a SQLite file's lock, where the system tells: on Linux."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCKS = Path("/proc/locks")

WAL_WRITER = 120
"""The byte of the -shm file that whoever writes locks; readers lock others (sqlite.org/walformat.html, 2.3.1)."""


class _Lock(NamedTuple):
    process: int
    file: str
    first: int
    last: float


def lock_holders(path: str) -> list[str]:
    """The processes that keep others from writing, as "process 4711 (sqlite3)"; none where that cannot be known."""
    main, shared = _file_of(path), _file_of(f"{path}-shm")
    found = {
        lock.process
        for lock in _write_locks()
        if lock.file == main or (lock.file == shared and lock.first <= WAL_WRITER <= lock.last)
    }
    return [_in_words(process) for process in sorted(found)]


def _write_locks() -> Iterator[_Lock]:
    """What the system has written down: "1: POSIX  ADVISORY  WRITE 4711 fe:00:5346641 120 120"."""
    try:
        lines = LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return
    for line in lines:
        words = line.split()
        if len(words) == 8 and words[1:4] == ["POSIX", "ADVISORY", "WRITE"]:
            _, _, _, _, process, file, first, last = words
            end = float("inf") if last == "EOF" else int(last)
            if int(process) > 0:  # else it lives in another container
                yield _Lock(int(process), file, int(first), end)


def _file_of(path: str) -> str | None:
    """The device and the number of a file, as the system writes them; None where there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"


def _in_words(process: int) -> str:
    if process == os.getpid():
        return f"this process ({process}), in another of its threads,"
    try:
        # Not its arguments: they may hold a password.
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return f"process {process}"
    return f"process {process} ({name})"
