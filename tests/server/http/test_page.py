"""The page that shows the API, in a browser: everything that is described is there, on a phone too, and nothing went wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from server.http.openapi.document import openapi
from tests.server.http.running import running

if TYPE_CHECKING:
    from pathlib import Path

    from engine import Model

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPERATIONS = [operation["operationId"] for methods in openapi()["paths"].values() for operation in methods.values()]


def test_every_operation_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(OPERATIONS).items() if count > 1] == []


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_the_page_shows_every_operation(model: Model, database: Path, tmp_path: Path) -> None:
    with running(model, database) as url:
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
        command = [str(CHROMIUM), *options, "--virtual-time-budget=20000", f"{url}/docs#queryByAddress"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout  # noqa: S603
    assert 'class="bad"' not in shown
    assert re.findall(r'<details class="operation" id="(\w+)"', shown) == OPERATIONS
    (opened,) = re.findall(r'<details class="operation" id="(\w+)" open', shown)
    assert opened == "queryByAddress"
    for name in ("sort_order", "fill", "format"):
        assert re.search(rf'<select data-name="{name}"', shown), name
    assert '<option value="true">true</option>' in shown
