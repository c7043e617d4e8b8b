"""Reads the API's resources as pages: products, features, tests newest first, and bugs of several tests at once.

A page of tests that keeps failing is narrowed down to the position that fails, and a batch of bugs that fails or takes
too long is halved: one bad record must not hide the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.bug_records import read_bug_texts
from ingest.concurrency import concurrently
from ingest.errors import ApiError, ApiFault, ApiMissing, ApiTimeout
from ingest.records import section_ids

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from ingest.client import Client
    from ingest.fields import Json

NARROWING_ATTEMPTS = 2
"""A part of a page that failed is asked for this often while it can be narrowed down further."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A position among a product's tests (0 is the newest) that cannot be read, and why."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class TestPage:
    """Tests of one product from `position` on; `last` when there are none after them."""

    product_id: int
    position: int
    records: tuple[Json, ...]
    gaps: tuple[Gap, ...]
    last: bool

    @property
    def end(self) -> int:
        """The position after the page."""
        return self.position + len(self.records) + len(self.gaps)


@dataclass(frozen=True, slots=True)
class BugPage:
    """The bugs of the tests asked for, each as its JSON; or `failure`, why they cannot be read."""

    test_ids: tuple[int, ...]
    records: tuple[str, ...]
    failure: str | None = None


async def read_products(client: Client) -> list[Json]:
    """All products."""
    return _objects(await client.fetch("products", "products"))


async def product_exists(client: Client, product_id: int) -> bool:
    """Whether the API still knows a product; it counts as known while the API fails to say."""
    try:
        await client.fetch(f"products/{product_id}", "product")
    except ApiMissing:
        return False
    except (ApiFault, ApiTimeout):
        return True
    return True


async def read_features(client: Client, product: Json) -> dict[int | None, list[Json]]:
    """A product's features by section, as the API's rule for sections asks; None stands for all sections."""
    route = f"products/{product['id']}"
    sections = section_ids(product)
    if not sections:
        return {None: _objects(await client.fetch(f"{route}/features", "features"))}
    answers: list[Any] = await concurrently(
        client.fetch(f"{route}/sections/{one}/features", "features") for one in sections
    )
    return {section: _objects(answer) for section, answer in zip(sections, answers, strict=True)}


async def read_test(client: Client, test_id: int) -> Json | None:
    """One test; None when the API knows it no more."""
    try:
        found: Any = await client.fetch(f"exploratory_tests/{test_id}", "exploratory_test")
    except ApiMissing:
        return None
    return found if isinstance(found, dict) else None


async def read_test_pages(
    client: Client, product_id: int, *, position: int = 0, ahead: Callable[[int], int] | None = None
) -> AsyncGenerator[TestPage]:
    """The product's tests in pages, in order, from the page that holds `position` to the last.

    With `ahead`, the page after a full one is asked for while that is being worked on, and so many more as `ahead` says, which
    is given how many have been read; without, a page is asked for only when it is wanted.
    """
    size = client.settings.page_size
    upcoming = position - position % size
    waiting: deque[asyncio.Task[TestPage]] = deque()
    done = 0
    before: tuple[Json, ...] = ()
    try:
        while True:
            while len(waiting) < 1 + (ahead(done) if ahead else 0):
                waiting.append(asyncio.create_task(read_test_page(client, product_id, upcoming)))
                upcoming += size
            page = await waiting.popleft()
            if page.records and page.records == before:
                raise ApiFault(f"The API gives the same page of product {product_id}'s tests again and again.")
            before = page.records
            done += 1
            if ahead and not page.last and not waiting:
                waiting.append(asyncio.create_task(read_test_page(client, product_id, upcoming)))
                upcoming += size
            yield page
            if page.last:
                return
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def read_test_page(client: Client, product_id: int, position: int, size: int = 0) -> TestPage:
    """The page of tests that begins at `position`, a multiple of its size; narrowed down where it fails.

    `size` overrides the setting. Raises the failure when no part of the page can be read: then it is the service that fails
    and not a position.
    """
    size = size or client.settings.page_size
    records = await _ask_for_tests(client, product_id, position, size)
    gaps: list[Gap] = []
    if isinstance(records, ApiError):
        records, gaps = await _narrow(client, product_id, position, size, whole=True)
    return TestPage(product_id, position, tuple(records), tuple(gaps), last=len(records) + len(gaps) < size)


async def read_bugs(client: Client, test_ids: Sequence[int], attempts: int = 0) -> AsyncGenerator[BugPage]:
    """The bugs of the tests, in one page or, where the API fails on so many, in several."""
    several = len(test_ids) > 1
    try:
        answer = await client.fetch(
            "bugs",
            "bugs",
            {"filter_test_cycle_ids": ",".join(map(str, test_ids))},
            attempts=attempts,
            repeat_timeouts=not several,
            read=read_bug_texts,
        )
    except (ApiFault, ApiTimeout) as error:
        if not several:
            yield BugPage(tuple(test_ids), (), failure=error.message)
            return
        middle = len(test_ids) // 2
        for half in (test_ids[:middle], test_ids[middle:]):
            async with aclosing(read_bugs(client, half, _patience(len(half)))) as pages:
                async for page in pages:
                    yield page
        return
    yield BugPage(tuple(test_ids), tuple(answer))


async def _ask_for_tests(
    client: Client, product_id: int, position: int, size: int, attempts: int = 0
) -> list[Json] | ApiError:
    """The tests of a span, or the failure."""
    parameters = {"page": position // size + 1, "per_page": size}
    route = f"products/{product_id}/exploratory_tests"
    try:
        return _objects(await client.fetch(route, "exploratory_tests", parameters, attempts=attempts))
    except (ApiFault, ApiTimeout) as error:
        return error


async def _narrow(
    client: Client, product_id: int, position: int, size: int, *, whole: bool = False
) -> tuple[list[Json], list[Gap]]:
    """Reads a failing span in parts, and the parts that fail in parts again, down to single positions."""
    step = size // _smallest_factor(size)
    starts = range(position, position + size, step)
    answers = [await _ask_for_tests(client, product_id, start, step, _patience(step)) for start in starts]
    failures = [answer for answer in answers if isinstance(answer, ApiError)]
    if whole and len(failures) == len(answers):
        raise failures[0]
    records: list[Json] = []
    gaps: list[Gap] = []
    for start, answer in zip(starts, answers, strict=True):
        if not isinstance(answer, ApiError):
            records += answer
        elif step == 1:
            gaps.append(Gap(start, answer.message))
        else:
            found, missing = await _narrow(client, product_id, start, step)
            records += found
            gaps += missing
    return records, gaps


def _patience(size: int) -> int:
    """Attempts at a part of what has failed; 0 for all that the settings allow."""
    return NARROWING_ATTEMPTS if size > 1 else 0


def _smallest_factor(number: int) -> int:
    return next((factor for factor in range(2, number) if number % factor == 0), number)


def _objects(answer: Any) -> list[Json]:
    return [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
