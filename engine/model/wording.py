"""The sentences about the form of a model file, in the words of who writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.document import Path
    from engine.model.shape import Shape

_TAKES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_GIVEN: dict[type, str] = {
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
}
_MEANT_AS_BOOLEAN = {
    **dict.fromkeys(("true", "yes", "on", "y"), "true"),
    **dict.fromkeys(("false", "no", "off", "n"), "false"),
}
_MEANT_BY = {
    **dict.fromkeys(("text", "str", "varchar", "char", "enum", "uuid", "switch"), "string"),
    **dict.fromkeys(("int", "integer", "float", "double", "decimal", "numeric", "real"), "number"),
    **dict.fromkeys(("date", "datetime", "timestamp", "timestamptz"), "time"),
    **dict.fromkeys(("bool", "flag"), "boolean"),
    **dict.fromkeys(("average", "mean"), "avg"),
    **dict.fromkeys(("distinct", "unique"), "count_distinct"),
    **dict.fromkeys(("ratio", "formula", "calculated", "percent"), "number"),
    "total": "sum",
    "maximum": "max",
    "minimum": "min",
}
"""What other tools call our types."""
_LONGEST_SHOWN = 60


def quoted(value: Any) -> str:
    """A value as a reader would point at it.

    >>> quoted("id"), quoted(True), quoted(3)
    ('"id"', 'true', '3')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"}"'
    return str(value) if isinstance(value, int | float) else _GIVEN.get(type(value), "nothing")


def of(path: Path) -> str:
    """What stands at a path, inside a sentence: a property by its name, or an entry of a list."""
    if not path:
        return "model file"
    if isinstance(path[-1], int):
        return f"entry of {quoted(next((step for step in reversed(path) if isinstance(step, str)), 'the file'))}"
    return quoted(path[-1])


def subject(path: Path) -> str:
    """What stands at a path, at the beginning of a sentence."""
    words = of(path)
    return words if words.startswith('"') else article(words)


def article(noun: str) -> str:
    """A noun with its article, at the beginning of a sentence."""
    return f"{'An' if noun[:1] in 'aeiou' else 'A'} {noun}"


def thing(shape: Shape, data: dict[str, Any], path: Path) -> str:
    """What a mapping describes, by kind and name: `The measure "revenue"`."""
    name = data.get("name")
    if shape.kind is None:
        return subject(path)
    return f"The {shape.kind} {quoted(name)}" if isinstance(name, str) and path else f"This {shape.kind}"


def lacks(shape: Shape, data: dict[str, Any], path: Path, what: str) -> str:
    """The sentence that a mapping has no property `what`."""
    if shape.kind == "limits":
        return f"The limits have no {what}."
    return f"{thing(shape, data, path)} has no {what}."


def choices(shape: Shape) -> list[str]:
    """What a value may be, where there is a choice; of two spellings of one word only that with underscores."""
    written = [str(one) for one in shape.one_of or ()]
    plain = {word.replace("_", "").lower() for word in written if "_" in word}
    return [word for word in written if "_" in word or word.islower() or word.lower() not in plain]


def one_of(shape: Shape) -> str | None:
    """The sentence that lists what a value may be."""
    words = choices(shape)
    if not words:
        return None
    return f"It is {words[0]}." if len(words) == 1 else f"It is one of {', '.join(words)}."


def meant(shape: Shape, value: str) -> tuple[str, ...]:
    """The values that others write as `value`."""
    found = _MEANT_BY.get(value.lower())
    return (found,) if found is not None and found in (shape.one_of or ()) else ()


def bounds(shape: Shape) -> str:
    """Between what a number lies."""
    if shape.least is not None and shape.most is not None:
        return f"between {shape.least} and {shape.most}"
    return f"at least {shape.least}" if shape.least is not None else f"more than {shape.more_than}"


def listed(properties: Sequence[str]) -> str | None:
    """The properties that there are, if they are few."""
    few = 8
    return f"It can have {', '.join(properties)}." if len(properties) <= few else None


def elsewhere(key: str, kinds: Sequence[str]) -> str | None:
    """Where a property would be right."""
    few = 3
    owners = [article(kind).lower() for kind in dict.fromkeys(kinds)]
    return f"{quoted(key)} is a property of {' or '.join(owners)}." if 0 < len(owners) <= few else None


def wrong_type(shape: Shape, items: Shape | None, data: Any, path: Path) -> tuple[str, str | None]:
    """The sentence about a value of a wrong type and how to put it right; `items` is what a list's entries are."""
    if data is None:
        return f"{subject(path)} has no value.", "Write one, or remove it."
    takes = " or ".join(_TAKES[name] for name in shape.type_names if name != "null")
    message = f"{subject(path)} takes {takes}, not {_GIVEN[type(data)]}."
    hints = (_hint(name, shape, items, data) for name in shape.type_names)
    return message, next((hint for hint in hints if hint), None)


def _hint(name: str, shape: Shape, items: Shape | None, data: Any) -> str | None:
    """How to make the value one of the type `name`."""
    if name == "string":
        return _text_hint(data, shape)
    if name == "boolean":
        return _boolean_hint(data)
    if name == "array":
        return _list_hint(data, items)
    return _mapping_hint(data, shape) if name == "object" else _number_hint(data)


def _text_hint(data: Any, shape: Shape) -> str | None:
    if isinstance(data, dict) and data and not any(value is not None for value in data.values()):
        return f'A text that begins with "{{" must stand in quotes: "{{{", ".join(data)}}}".'
    if isinstance(data, bool | int | float):
        if shape.pattern is not None and not shape.pattern.search(str(data)):
            return shape.pattern_message
        return f'Put it in quotes: "{quoted(data)}".'
    return None


def _boolean_hint(data: Any) -> str | None:
    meant = _MEANT_AS_BOOLEAN.get(data.lower()) if isinstance(data, str) else None
    return f"Write {meant}, without quotes." if meant else "Write true or false."


def _number_hint(data: Any) -> str | None:
    if isinstance(data, str) and data.strip().replace(".", "", 1).isdecimal():
        return f"Write {data.strip()}, without quotes."
    return "Write it in digits."


def _list_hint(data: Any, items: Shape | None) -> str | None:
    if items is not None and "string" not in items.type_names:
        return 'Write a list, each entry with "- " in front.'
    return (
        f"Write [{data}]." if isinstance(data, str) else 'Write a list, as in [a, b], or each entry with "- " in front.'
    )


def _mapping_hint(data: Any, shape: Shape) -> str | None:
    if isinstance(data, str) and shape.required:
        return f"Write {_entry(shape.required[0], data)}, with its other properties below."
    if shape.kind == "model file":
        return 'It begins with "cubes:", "views:" or a setting such as "name:".'
    properties = list(shape.properties or ())
    return f'Below it stand its properties, as in "{properties[0]}: …".' if properties else None


def _entry(key: str, text: str) -> str:
    """A property as it is written in YAML.

    >>> print(_entry("name", "a"), _entry("sql", "{a} > 'b'"))
    `name: a` `sql: "{a} > 'b'"`
    """
    plain = text.replace(" ", "").replace("_", "").isalnum()
    return f"`{key}: {text}`" if plain else f"`{key}: {json.dumps(text, ensure_ascii=False)}`"
