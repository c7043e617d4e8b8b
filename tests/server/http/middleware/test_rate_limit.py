"""How often a caller may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.http.middleware.authentication import AsCaller
from server.http.middleware.rate_limit import Buckets, RateLimit
from server.service import Caller
from tests.server.http.middleware.asking import ask, echo

if TYPE_CHECKING:
    from tests.server.http.middleware.asking import Told

pytestmark = pytest.mark.anyio


class Clock:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(clock: Clock) -> RateLimit:
    return RateLimit(echo, Buckets(60, 3, clock))


async def asked(limited: RateLimit, name: str = "ada") -> Told:
    return await ask(AsCaller(limited, Caller(name=name)))


async def test_a_caller_may_ask_so_often_at_once_and_then_at_the_rate(limited: RateLimit, clock: Clock) -> None:
    assert [(await asked(limited)).status for _ in range(5)] == [200, 200, 200, 429, 429]
    clock.now += 1
    assert [(await asked(limited)).status for _ in range(2)] == [200, 429]
    clock.now += 1000
    assert [(await asked(limited)).status for _ in range(4)] == [200, 200, 200, 429]


async def test_it_is_told_how_often_and_when_again(limited: RateLimit) -> None:
    told = [await asked(limited) for _ in range(4)]
    assert [each.header("ratelimit") for each in told] == [
        '"caller";r=2;t=1',
        '"caller";r=1;t=2',
        '"caller";r=0;t=3',
        '"caller";r=0;t=3',
    ]
    assert {each.header("ratelimit-policy") for each in told} == {'"caller";q=60;w=60'}
    assert told[3].header("retry-after") == "1"
    assert told[3].json()["issues"][0]["code"] == "E_RATE_LIMIT"


async def test_one_caller_does_not_use_up_what_another_has(limited: RateLimit) -> None:
    for _ in range(10):
        await asked(limited, "ada")
    assert (await asked(limited, "bob")).status == 200


async def test_whoever_keeps_asking_is_let_in_as_soon_as_one_who_waits(limited: RateLimit, clock: Clock) -> None:
    for _ in range(100):
        await asked(limited)
    clock.now += 1
    assert (await asked(limited)).status == 200


async def test_requests_without_a_caller_are_not_limited(limited: RateLimit) -> None:
    assert {(await ask(limited)).status for _ in range(10)} == {200}


def test_callers_by_the_thousand_do_not_fill_memory(clock: Clock) -> None:
    buckets = Buckets(60, 3, clock)
    for number in range(12_000):
        buckets.take(str(number))
    assert len(buckets._buckets) == 10_000


@pytest.mark.parametrize("rate", [0.5, 7.0, 600.0])
def test_over_a_long_time_no_more_pass_than_the_rate_allows(clock: Clock, rate: float) -> None:
    buckets = Buckets(rate, 5, clock)
    passed = 0
    for step in range(20_000):
        clock.now = step * 0.03
        passed += buckets.take("ada") >= 0
    assert abs(passed - (5 + rate * 600 / 60)) <= 1
