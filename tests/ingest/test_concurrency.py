"""Work side by side: what has waited is worked on together, in order, beside whoever adds to it."""

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

    async with Together(work, most=3) as together:
        await asyncio.gather(*(together.add(number) for number in range(6)))
    assert [number for items in worked for number in items] == list(range(6))
    assert max(len(items) for items in worked) <= 3 < len(worked) * 3
    assert len(worked) < 6


async def test_whoever_adds_waits_for_room_only_and_at_the_end_all_is_done() -> None:
    go_on = asyncio.Event()
    worked: list[str] = []

    async def work(items: Sequence[str]) -> None:
        await go_on.wait()
        worked.extend(items)

    async with Together(work, most=2) as together:
        await asyncio.wait_for(together.add("worked on"), 5)
        await asyncio.sleep(0)
        for item in ("waits", "waits too"):
            await asyncio.wait_for(together.add(item), 5)
        more = asyncio.create_task(together.add("has no room"))
        await asyncio.sleep(0.01)
        assert not more.done()
        go_on.set()
        await asyncio.wait_for(more, 5)
    assert worked == ["worked on", "waits", "waits too", "has no room"]


async def test_a_failure_is_told_to_whoever_adds_and_nothing_is_worked_on_after_it() -> None:
    worked: list[int] = []

    async def work(items: Sequence[int]) -> None:
        worked.extend(items)
        raise ValueError(items)

    async def all_in_turn() -> None:
        async with Together(work, most=1) as together:
            for number in range(1, 9):
                await together.add(number)
                await asyncio.sleep(0)

    with pytest.raises(ValueError, match="1"):
        await all_in_turn()
    assert worked == [1]


async def test_a_failure_of_the_last_work_is_told_at_the_end() -> None:
    async def work(items: Sequence[int]) -> None:
        raise ValueError(items)

    with pytest.raises(ValueError, match="7"):
        async with Together(work, most=2) as together:
            await together.add(7)


async def test_whoever_fails_is_told_of_his_own_failure_when_all_that_was_added_is_done() -> None:
    worked: list[int] = []

    async def work(items: Sequence[int]) -> None:
        await asyncio.sleep(0.01)
        worked.extend(items)

    async def fail() -> None:
        async with Together(work, most=2) as together:
            await together.add(1)
            await together.add(2)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert worked == [1, 2]


async def test_who_waits_for_an_item_learns_that_it_is_given_up() -> None:
    given_up: dict[int, str] = {}

    class Waiting(Together[int]):
        def _give_up(self, items: Sequence[int], failure: Exception) -> None:
            given_up.update(dict.fromkeys(items, str(failure)))

    async def work(items: Sequence[int]) -> None:
        if 2 in items:
            raise ValueError("two")

    async def in_turn() -> None:
        async with Waiting(work, most=1) as together:
            await together.add(1)
            await asyncio.sleep(0)
            await together.add(2)
            await together.add(3)

    with pytest.raises(ValueError, match="two"):
        await in_turn()
    assert given_up == {2: "two", 3: "two"}, "the one that failed, and the one that waited behind it"
