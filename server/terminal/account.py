"""What stands below a table: the question in plain words, the dates it meant, what to know, and the time it took."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from server.streams import is_writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine import Result


def account_of(result: Result, width: int | None) -> Iterator[tuple[str, str]]:
    """The lines of the account, each with its style, broken at `width`; those that go together stand together."""
    if result.account.explanation:
        yield from (("", line) for line in broken(result.account.explanation, width))
        yield "", ""
    bullet, between = ("• ", " · ") if is_writable("•·") else ("* ", " | ")
    for note in result.notes:
        yield from (("", line) for line in broken(note, width, bullet=bullet))
    if result.notes:
        yield "", ""
    yield from (("dim", line) for line in broken(between.join(_measures(result)), width))


def broken(text: str, width: int | None, *, bullet: str = "") -> list[str]:
    """The lines of a text, its first one after a bullet; one line where there is no width.

    >>> broken("broken where the width ends", 20, bullet="• ")
    ['• broken where the', '  width ends']
    """
    if width is None:
        return [f"{bullet}{text}"]
    return textwrap.wrap(text, max(width, 20), initial_indent=bullet, subsequent_indent=" " * len(bullet)) or [bullet]


def _measures(result: Result) -> Iterator[str]:
    shown = len(result.rows)
    if result.total_rows is not None and result.total_rows != shown:
        yield f"{shown:,} of {result.total_rows:,} rows"
    else:
        yield "1 row" if shown == 1 else f"{shown:,} rows"
    for source, state in result.account.freshness.items():
        if isinstance(state, dict) and state.get("as_of"):
            yield f"{source} as of {state['as_of']}"
    model = result.account.model
    if model:
        yield f"model {model['name']} {model['release']}"
    yield (
        f"{result.seconds * 1000:,.0f} ms in the database" if result.seconds >= 0.001 else "under 1 ms in the database"
    )
