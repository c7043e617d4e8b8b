"""Work side by side: what has waited is worked on together, in order, and a failure reaches those that it concerns."""

import asyncio
from collections.abc import Sequence

import pytest

from ingest.concurrency import Together

pytestmark = pytest.mark.anyio


async def test_what_waits_is_worked_on_together_in_order() -> None:
    worked: list[list[int]] = []

    async def work(items: Sequence[int]) -> None:
        worked.append(list(items))
        await asyncio.sleep(0.01)

    together = Together(work, most=3)
    await asyncio.gather(*(together.add(number) for number in range(6)))
    await together.add(6)
    assert worked == [[0, 1, 2], [3, 4, 5], [6]]


async def test_nobody_is_told_before_the_work_is_done() -> None:
    go_on = asyncio.Event()

    async def work(_: Sequence[str]) -> None:
        await go_on.wait()

    together = Together(work, most=2)
    waiting = asyncio.gather(together.add("one"), together.add("other"))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    go_on.set()
    await waiting


async def test_a_failure_reaches_those_that_went_together_and_no_others() -> None:
    async def work(items: Sequence[int]) -> None:
        if 1 in items:
            raise ValueError(items)

    together = Together(work, most=2)
    found = await asyncio.gather(*(together.add(number) for number in range(4)), return_exceptions=True)
    assert [isinstance(one, ValueError) for one in found] == [True, True, False, False]


async def test_whoever_has_gone_does_not_hold_up_the_others() -> None:
    async def work(_: Sequence[int]) -> None:
        await asyncio.sleep(0.01)

    together = Together(work, most=2)
    gone, stays = asyncio.create_task(together.add(1)), asyncio.create_task(together.add(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(stays, 5)
    await asyncio.wait_for(together.add(3), 5)
