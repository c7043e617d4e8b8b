"""The words around a chart: its title, and what it is of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.plan.notes import joined_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine import Result
    from server.charts.frame import Dimension, Measure


def title_of(measures: Sequence[Measure], dimensions: Sequence[Dimension]) -> str:
    """The question in words: "Bugs and rejection rate by feature", "Bugs by month of end at"."""
    titles = [measure.title for measure in measures if measure.compared is None]
    what = joined_words([*titles[:1], *(_small(title) for title in titles[1:])])
    return f"{what} by {joined_words([_name(each) for each in dimensions])}" if dimensions else what


def subtitle_of(result: Result, title: str) -> str:
    """What the sentence of an answer says beyond the title: dates, filters, order; the whole where it begins otherwise."""
    sentence = result.account.explanation
    rest = sentence.removeprefix(title)
    if rest == sentence:
        return sentence
    rest = rest.lstrip(",. ")
    return rest[:1].upper() + rest[1:]


def source_of(result: Result) -> str:
    """Where the numbers come from: the model, and how old the data are."""
    model = result.account.model
    parts = [f"{model['name']} {model['release']}".strip()] if model else []
    for source, state in result.account.freshness.items():
        if isinstance(state, dict) and state.get("as_of"):
            parts.append(f"{source} as of {_moment(str(state['as_of']))}")
    asked = result.account.replay.get("now")
    if asked and len(parts) < 2:
        parts.append(f"asked {_moment(str(asked))}")
    return " · ".join(parts)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a sentence, the rest counted.

    >>> listed(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    if len(names) <= most:
        return joined_words(list(names))
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _name(dimension: Dimension) -> str:
    owner, _, name = dimension.column.member.rpartition(".")
    if owner and name == dimension.column.granularity:
        return f"{name} of {owner.rpartition('.')[2]}"
    return name.replace("_", " ")


def _small(text: str) -> str:
    """A title inside a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _moment(text: str) -> str:
    """An instant to the minute: "2026-11-23 06:11 UTC"."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
