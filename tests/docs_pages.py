"""The pages of docs/ that are partly made: written by hand above a mark, generated below it. `make docs` writes them.

python -m tests.docs_pages
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.docs_agents import agents_reference
from tests.docs_commands import commands_reference
from tests.docs_http import http_reference
from tests.docs_metrics import metrics_reference
from tests.docs_reference import model_reference, query_reference

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final[dict[str, Callable[[], str]]] = {
    "model.md": model_reference,
    "query.md": query_reference,
    "metrics.md": metrics_reference,
    "commands.md": commands_reference,
    "agents.md": agents_reference,
    "http.md": http_reference,
}
_MARK: Final = "<!-- Below this line the page is generated: change what it is made from, then run `make docs`. -->"


def page(name: str) -> str:
    """The whole page: its part by hand as it stands, the other made anew."""
    head, mark, _ = (DOCS / name).read_text(encoding="utf-8").partition(_MARK)
    assert mark, f"{name} has lost the line below which it is generated: {_MARK}"
    return f"{head}{_MARK}\n\n{PAGES[name]()}\n"


def write() -> None:
    """Write every page anew."""
    for name in PAGES:
        (DOCS / name).write_text(page(name), encoding="utf-8")


if __name__ == "__main__":
    write()
