"""How what can be asked is told in few bytes: what is said twice is said once, then texts are shortened, at last names left out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_BYTES = 5_700
"""What can be asked, in bytes of JSON without spaces; an answer to agents is 6,000 at most with what the data add."""

SAID_ONCE, SHORT_FORMULAS, NO_DESCRIPTIONS, NAMES_ALONE = 1, 2, 3, 4
"""How brief all of it may be told, in steps after first sentences, each on top of those before it."""

_LONGEST_SENTENCE, _LONGEST_CLAUSE = 40, 60
_BYTES_OF_WHAT_IS_SAID_OF_IT = 120
_CLAUSE = re.compile(r"[^,;:(]+[^,;:( ]")


def cut(found: Mapping[str, Any]) -> dict[str, Any]:
    """As many names as fit, of metrics and dimensions alike."""
    bare = {**found, "metrics": [], "dimensions": [], "only_with": []}
    room = MOST_BYTES - size(bare) - _BYTES_OF_WHAT_IS_SAID_OF_IT
    names = {kind: [each["name"] for each in found[kind]] for kind in ("metrics", "dimensions")}
    kept: dict[str, list[str]] = {"metrics": [], "dimensions": []}
    for index in range(max(map(len, names.values()))):
        for kind, all_names in names.items():
            taken = size({"name": all_names[index]}) + len(",") if index < len(all_names) else 0
            if 0 < taken <= room:
                kept[kind].append(all_names[index])
                room -= taken
    left_out = {kind: len(names[kind]) - len(kept[kind]) for kind in names}
    return {**bare, **{kind: [{"name": name} for name in kept[kind]] for kind in kept}, "left_out": left_out}


def first_sentence(text: str) -> str:
    """A text up to the end of its first sentence."""
    head, stop, _ = text.partition(". ")
    return head + "." if stop else text


def first_clause(text: str) -> str:
    """What a text says first, without a full stop; 60 characters at most."""
    sentence = first_sentence(text)
    clause = _CLAUSE.match(sentence) if len(sentence) > _LONGEST_SENTENCE else None
    return shortened(clause[0] if clause is not None else sentence, _LONGEST_CLAUSE).rstrip(".")


def shortened(text: str, most: int) -> str:
    """A text of `most` characters, the last of which tells that it goes on."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping without what is empty."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def size(found: Mapping[str, Any] | Sequence[Any]) -> int:
    """How long something is as JSON without spaces, in bytes."""
    return len(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode())
