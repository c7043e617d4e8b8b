"""Fifty questions of analysts: the calls of an agent give what SQL written by hand gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.model.members import Dimension, Measure
from tests.questions.asking import Mode, connected, model
from tests.questions.cases import read_questions
from tests.questions.examining import examine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.questions.cases import Question
    from tests.questions.data import Data

QUESTIONS = read_questions()
_MOST_TRIPS = 3
_USUAL_CHARACTERS = 6_000


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
async def test_the_answer_is_the_truth(question: Question, mode: Mode, data: Data) -> None:
    async with connected(data.shared, mode) as client:
        found = await examine(question, client, data.alone)
    assert found.wrong == []
    assert found.trips <= _MOST_TRIPS
    assert question.pages > 1 or found.characters <= _USUAL_CHARACTERS


def test_every_metric_and_every_dimension_is_asked_for() -> None:
    view = model().default_view
    assert view is not None
    kinds = (Dimension, Measure)
    members = {
        name
        for name, each in view.members.items()
        if isinstance(each.target, kinds) and each.public and not each.is_key
    }
    assert members - set(_asked()) == set()
    assert len(QUESTIONS) >= 50


def _asked() -> Iterator[str]:
    for question in QUESTIONS:
        for call in question.calls:
            for part in ("metrics", "dimensions"):
                yield from call.arguments.get(part, ())
