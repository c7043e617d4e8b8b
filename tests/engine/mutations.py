"""Makes wrong things of right ones: models, queries, phrases and SQL with parts left out, doubled, exchanged or garbled."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle.tape import Tape

_ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        " ",
        "a",
        "*",
        "CUBE",
        "{CUBE}",
        "{",
        "}",
        "{}",
        "{a.b.c.d}",
        "{CUBE}.id",
        "id",
    ),
    *(
        [],
        {},
        [None],
        {"a": None},
        [[]],
        "orders.count",
        "SELECT 1",
        "1; DROP TABLE x",
        "é",
        "\u0000",
        "ǃ0",
        "2025-13-45",
    ),
    *(
        "last 0 days",
        "-- x",
        "'",
        '"',
        "`",
        "\\",
        "%",
        "month",
        "count",
        "sum",
        "time",
        "many_to_one",
        "{{ x }}",
        "{% if %}",
    ),
    *(
        [1, "a"],
        {"sql": "x"},
        {"name": "a"},
        [{"name": "a"}],
        {"and": []},
        {"or": [{}]},
        "𝔘",
        "1" * 400,
        "x." * 30,
        "((((" * 20,
    ),
)
_PIECES = (
    *(
        "{",
        "}",
        "{CUBE}",
        "(",
        ")",
        "'",
        '"',
        ",",
        ".",
        ";",
        "--",
        "/*",
        "*/",
        "::int",
        " OR ",
        " AND ",
        "NULL",
        "1/0",
        "||",
        "$1",
    ),
    *(
        " CASE WHEN ",
        " END",
        " OVER (",
        "SELECT ",
        " FROM ",
        "*",
        "?",
        ":p0",
        "%s",
        "\n",
        "\t",
        "\\",
        "{revenue}",
        "{count}",
        "::",
    ),
    *(
        " INTERVAL '1 day'",
        "DATE_TRUNC('month', ",
        "FILTER_PARAMS.orders.id.filter('x')",
        "{FILTER_GROUP(",
        "\u2028",
        "ß",
        "0x",
        "1e999",
    ),
    *(
        " last ",
        " 3 ",
        " to ",
        " from ",
        " 2025-02-30 ",
        " ago",
        " week ",
        " q5 ",
        "{% for a in b %}",
        "{{",
        "}}",
        "#}",
        "{%",
    ),
)


def mutated(tape: Tape, data: Any, words: Sequence[str] = ()) -> Any:
    """The data with one to four changes, each somewhere in the tree."""
    holder = [copy.deepcopy(data)]
    for _ in range(tape.one_of((1, 1, 2, 3, 4))):
        parent, key = _somewhere(tape, holder)
        _change(tape, parent, key, words)
    return holder[0]


def garbled(tape: Tape, text: str) -> str:
    """The text with one to four changes."""
    for _ in range(tape.one_of((1, 1, 2, 3, 4))):
        place = tape.one_of(range(len(text) + 1)) if len(text) < 256 else tape.one_of(range(256)) * len(text) // 256
        length = tape.one_of((0, 0, 1, 2, 5, 20))
        piece = tape.one_of(("", *_PIECES))
        text = text[:place] + piece + text[place + length :]
    return text


def _somewhere(tape: Tape, holder: list[Any]) -> tuple[Any, Any]:
    """A collection in the tree and a key of it."""
    parent, key = holder, 0
    while isinstance(parent[key], dict | list) and parent[key] and not tape.once_in(5):
        parent = parent[key]
        keys: list[Any] = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
        key = tape.one_of(keys)
    return parent, key


def _change(tape: Tape, parent: Any, key: Any, words: Sequence[str]) -> None:
    value = parent[key]
    match tape.one_of(("garble", "odd", "drop", "rename", "double", "word", "nest", "swap")):
        case "garble":
            parent[key] = garbled(tape, value) if isinstance(value, str) else tape.one_of(_ODD)
        case "odd":
            parent[key] = copy.deepcopy(tape.one_of(_ODD))
        case "drop":
            del parent[key]
            if isinstance(parent, list) and not parent:
                parent.append(None)
        case "rename" if isinstance(parent, dict):
            parent[tape.one_of((*words, "x", *parent))] = parent.pop(key)
        case "double" if isinstance(parent, list):
            parent.append(copy.deepcopy(value))
        case "word" if words:
            parent[key] = tape.one_of(words)
        case "nest":
            parent[key] = tape.one_of(([value], {"a": value}, {"name": value}, [value, value]))
        case "swap":
            others: list[Any] = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
            other = tape.one_of(others)
            parent[key], parent[other] = parent[other], parent[key]
        case _:
            parent[key] = copy.deepcopy(tape.one_of(_ODD))
