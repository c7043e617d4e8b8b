"""Which of the names that are valid may have been meant: one rule for queries, models, access files and commands.

A name is near where it is the same but for slips of the pen, one in four letters at most, or where the two have more than half of
their letters in words that are alike. Nothing is offered for the sake of offering something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LEAST_LETTERS = 3
"""In words alike: "of" and "id" say nothing of what is meant."""

_SHORT, _LONG_STEM = 4, 6
_LEAST_SHARE = 0.55
_BEHIND_THE_BEST = 0.1
_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def near(word: str, valid: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """The valid names nearest to `word`, nearest first; none if nothing is near.

    >>> near("bug_cnt", ["bug_count", "test_count", "severity"])
    ('bug_count',)
    >>> near("BugCount", ["bug_count"])
    ('bug_count',)
    >>> near("feature_name", ["feature", "features_tested", "severity"])
    ('feature',)
    >>> near("nonsense", ["known_bug", "severity"])
    ()
    """
    wanted = _spelt(word)
    scores = {name: _likeness(wanted, _spelt(name)) for name in valid}
    least = max(_LEAST_SHARE, max(scores.values(), default=0.0) - _BEHIND_THE_BEST)
    found = [name for name, score in scores.items() if score >= least]
    found.sort(key=lambda name: (-scores[name], -SequenceMatcher(None, word, name).ratio(), name))
    return tuple(found[:most])


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A name in small letters: all of them, and the stems of its words."""

    letters: str
    words: tuple[str, ...]


def _spelt(name: str) -> _Spelt:
    words = _WORD.findall(_HUMP.sub(" ", name).lower())
    return _Spelt("".join(words), tuple(map(_stem, words)))


def _stem(word: str) -> str:
    """A word without what makes it a plural or an adverb."""
    if len(word) > _SHORT + 1 and word.endswith("ly"):
        return word[:-2]
    if len(word) > _SHORT and word.endswith("ies"):
        return f"{word[:-3]}y"
    plural = len(word) >= _SHORT and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _likeness(wanted: _Spelt, name: _Spelt) -> float:
    """From 0 to 1: how much of the letters of both is the same."""
    slips = _slips(wanted.letters, name.letters)
    whole = 0.0 if slips is None else 1 - slips / max(len(wanted.letters), len(name.letters), 1)
    return max(whole, _share(wanted.words, name.words))


def _share(wanted: Sequence[str], words: Sequence[str]) -> float:
    """The letters in words alike as a share of the letters of all words."""
    left, alike = list(words), 0
    for word in wanted:
        common, best = max(((_common(word, other), other) for other in left), default=(0, ""))
        if common:
            left.remove(best)
            alike += common
    return 2 * alike / sum(map(len, (*wanted, *words))) if alike >= _LEAST_LETTERS else 0.0


def _common(word: str, other: str) -> int:
    """How many letters of two words are the same, if the words are alike: equal, a slip apart, or one short for the other."""
    slips = _slips(word, other)
    if slips is not None:
        return min(len(word), len(other)) - slips
    is_short = len(word) >= _LEAST_LETTERS and other.startswith(word)
    is_stem = len(other) >= _LONG_STEM and word.startswith(other)
    return min(len(word), len(other)) if is_short or is_stem else 0


def _slips(word: str, other: str) -> int | None:
    """How many letters are wrong, missing, too many or exchanged with the next one; None if too many for words of their length.

    One in four; one more where the words begin and end alike ("payed", "paid"), none where a short word begins with another letter.
    """
    if word == other:
        return 0
    length = max(len(word), len(other))
    is_alike = length > _SHORT and word[:2] == other[:2] and word[-1:] == other[-1:]
    most = max(1, length // 4) + is_alike
    if abs(len(word) - len(other)) > most or (length <= _SHORT and word[:1] != other[:1]) or length < _LEAST_LETTERS:
        return None
    slips = _distance(word, other)
    return slips if slips <= most else None


def _distance(word: str, other: str) -> int:
    """Damerau and Levenshtein's distance, in which exchanged neighbours are not changed again."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            least = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == against:
                least = min(least, before[column - 2] + 1)
            current.append(least)
        before, last = last, current
    return last[-1]
