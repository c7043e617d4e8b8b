"""What a command prints on a screen: a process of its own at a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress


def on_a_screen(columns: int, *arguments: str, term: str = "dumb", exit_code: int = 0, **environment: str) -> str:
    """All that a command writes on a screen of so many columns, with what moves the cursor."""
    main, side = pty.openpty()
    own = {**os.environ, "COLUMNS": str(columns), "TERM": term, **environment}
    command = [sys.executable, "-m", "server", *arguments]
    with subprocess.Popen(command, stdout=side, stderr=side, stdin=side, env=own) as process:  # noqa: S603
        os.close(side)
        found = b""
        with suppress(OSError):  # as Linux tells that nobody writes any more
            while read := os.read(main, 65536):
                found += read
    os.close(main)
    assert process.returncode == exit_code, found
    return found.decode()
