"""Calls with a mistake: each is answered as it was meant and told so, or refused with a call that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.questions.asking import Mode, ask, connected
from tests.questions.cases import Call, read_wrong_calls
from tests.questions.examining import examine_wrong

if TYPE_CHECKING:
    from tests.questions.cases import WrongCall
    from tests.questions.data import Data

WRONG_CALLS = read_wrong_calls()

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("case", WRONG_CALLS, ids=lambda case: case.mistake)
async def test_a_mistake_costs_one_call_at_most(case: WrongCall, mode: Mode, data: Data) -> None:
    async with connected(data.shared, mode) as client:
        found = await examine_wrong(case, client, data.alone)
        bugs = await ask(client, Call("query_metrics", {"metrics": ["bug_count"]}))
    assert found.wrong == []
    assert bugs.payload["rows"] == [[1500]], "nothing was changed"
