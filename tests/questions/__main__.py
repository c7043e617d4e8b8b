"""Asks all questions and prints what each costs an agent: `python -m tests.questions`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.questions.asking import connected
from tests.questions.cases import read_questions, read_wrong_calls
from tests.questions.data import make_data
from tests.questions.examining import examine, examine_wrong

if TYPE_CHECKING:
    from tests.questions.data import Data
    from tests.questions.examining import Examined

_WIDTH = 78


def main() -> int:
    """The table, and 1 if an answer is not the truth."""
    with tempfile.TemporaryDirectory(prefix="questions-", ignore_cleanup_errors=True) as folder:
        data = make_data(Path(folder))
        good, bad = asyncio.run(_examine_all(data))
    _print("question", good)
    _print("mistake", bad)
    return int(any(found.wrong for found in (*good.values(), *bad.values())))


async def _examine_all(data: Data) -> tuple[dict[str, Examined], dict[str, Examined]]:
    """What came of each question and of each mistake; a client asks one of them, so that no answer is kept from another."""
    good, bad = {}, {}
    for question in read_questions():
        async with connected(data.shared) as client:
            good[question.question] = await examine(question, client, data.alone)
    for case in read_wrong_calls():
        async with connected(data.shared) as client:
            bad[case.mistake] = await examine_wrong(case, client, data.alone)
    return good, bad


def _print(title: str, rows: dict[str, Examined]) -> None:
    print(f"{title:{_WIDTH}}  calls  characters")
    for name, found in rows.items():
        print(f"{_cut(name):{_WIDTH}}  {found.trips:5}  {found.characters:10,}  {'; '.join(found.wrong) or 'ok'}")
    trips, characters = (sorted(getattr(found, part) for found in rows.values()) for part in ("trips", "characters"))
    middle = len(rows) // 2
    print(f"{f'median of {len(rows)}':{_WIDTH}}  {trips[middle]:5}  {characters[middle]:10,}\n")


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


if __name__ == "__main__":
    sys.exit(main())
