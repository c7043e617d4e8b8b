"""Read the text of a model file into plain data that knows the line and column of everything in it.

The rules of reading, each because YAML's own have misled someone:

- A key stands once. PyYAML keeps the last of two without a word.
- Only JSON's types: `on`, `12:30`, `2024-04-01` and `007` are text.
- snake_case is the spelling of keys; Cube's camelCase is read as the same key (`rollingWindow` is
  `rolling_window`), except where the keys are the author's: below `meta` and in `time`.
- Anchors, aliases and `<<` work; tags such as `!!python/object` do not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeAlias

from engine.errors import Issue, ModelError, Place
from engine.model.composer import MOST_LEVELS, Mapping, Node, Scalar, Sequence, compose
from engine.model.offsets import source_position
from engine.model.yaml_mistakes import UnreadableError

Path: TypeAlias = tuple[str | int, ...]
_Entries: TypeAlias = dict[str, tuple[Scalar, Node]]

_AUTHORS_KEYS = frozenset({"meta", "time"})
_CAMEL_CASE = re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the lines of a text come from: for each the line of its `template`."""

    template: tuple[str, ...]
    rendered: tuple[str, ...]
    lines: tuple[int, ...]

    def place(self, file: str, line: int, column: int) -> Place:
        """The place in the template; in a line that it does not have word for word, up to there, the line's beginning."""
        source = self.lines[min(line, len(self.lines)) - 1]
        written, shown = self.template[source - 1 : source], self.rendered[line - 1 : line]
        same = bool(written and shown) and written[0][: column - 1] == shown[0][: column - 1]
        return Place(file, source, column if same else 1)


@dataclass(frozen=True, eq=False)
class Document:
    """A model file and where each part of it stands.

    `data` consists of dict, list, str, int, float, bool and None; that of an empty file is {}.
    """

    file: str
    data: Any
    _text: str = field(repr=False)
    _root: Node | None = field(repr=False)
    _entries: dict[tuple[int, bool], _Entries] = field(repr=False)
    _origin: Origin | None = field(default=None, repr=False)

    def place(self, path: Path, offset: int | None = None) -> Place:
        """Where the value at `path` stands, or the nearest thing around it if there is none.

        `offset` counts characters into a text, so that a mistake inside an SQL snippet has its exact line and column;
        without it the place is where the value begins: at its quote, or at the "|" of a block.
        """
        steps = self._follow(path)
        if not steps:
            return Place(self.file, 1, 1)
        node = steps[-1][1]
        if offset is not None and isinstance(node, Scalar) and len(steps) == len(path) + 1:
            return self._at(source_position(self._text, node.start, node.end, node.style, node.text, offset))
        return self._at(node.start)

    def place_of_key(self, path: Path) -> Place:
        """Where the key at `path` stands; for an item of a list, the item."""
        steps = self._follow(path)
        return self._at(steps[-1][0].start) if steps else Place(self.file, 1, 1)

    def _follow(self, path: Path) -> list[tuple[Node, Node]]:
        """Key and value at each step from the root as far as `path` exists; where there is no key, the value twice."""
        if self._root is None:
            return []
        node, as_written = self._root, False
        steps: list[tuple[Node, Node]] = [(node, node)]
        key: Node
        for step in path:
            if isinstance(node, Mapping):
                entry = self._entries[id(node), as_written].get(str(step))
                if entry is None:
                    break
                key, node = entry
                as_written = as_written or step in _AUTHORS_KEYS
            elif isinstance(node, Sequence) and isinstance(step, int) and -len(node.items) <= step < len(node.items):
                key = node = node.items[step]
            else:
                break
            steps.append((key, node))
        return steps

    def _at(self, position: int) -> Place:
        return _place(self.file, self._line_starts, position, self._origin)

    @cached_property
    def _line_starts(self) -> list[int]:
        return _line_starts(self._text)


def read_document(text: str, file: str, origin: Origin | None = None) -> Document:
    """The model file `file` with the content `text`; raises `ModelError` with every mistake of reading (`E_YAML`).

    `origin` tells where the lines of a rendered text come from.
    """
    text = text.removeprefix("\ufeff")
    try:
        root = compose(text)
    except UnreadableError as error:
        place = _place(file, _line_starts(text), error.position, origin)
        raise ModelError(Issue("E_YAML", error.message, place, hint=error.hint)) from error
    reader = _Reader()
    data = {} if root is None or _is_empty(root) else reader.value(root, 0, as_written=False)
    if reader.mistakes:
        starts = _line_starts(text)
        mistakes = sorted(reader.mistakes, key=lambda mistake: mistake.position)
        raise ModelError(
            Issue("E_YAML", found.message, _place(file, starts, found.position, origin), hint=found.hint)
            for found in mistakes
        )
    return Document(file, data, text, root, reader.entries, origin)


class _Mistake(NamedTuple):
    message: str
    position: int
    hint: str


class _Reader:
    """Turns nodes into data; collects the mistakes and, for each mapping, which node stands behind which key."""

    def __init__(self) -> None:
        # A mapping behind several aliases is read several times and its mistakes are told once.
        self.mistakes: set[_Mistake] = set()
        self.entries: dict[tuple[int, bool], _Entries] = {}

    def value(self, node: Node, level: int, *, as_written: bool) -> Any:
        if isinstance(node, Scalar):
            return self._scalar(node)
        if level > MOST_LEVELS:
            self._mistake(f"More than {MOST_LEVELS} levels stand inside each other.", node, "Write it flatter.")
            return None
        if isinstance(node, Sequence):
            self._check_tag(node, "seq", "list")
            return [self.value(item, level + 1, as_written=as_written) for item in node.items]
        self._check_tag(node, "map", "mapping")
        return {
            name: self.value(value, level + 1, as_written=as_written or name in _AUTHORS_KEYS)
            for name, (_, value) in self._mapping(node, as_written).items()
        }

    def _mapping(self, node: Mapping, as_written: bool) -> _Entries:
        """The entries of a mapping in the order of the file; what `<<` brings comes last and replaces nothing."""
        known = self.entries.get((id(node), as_written))
        if known is not None:
            return known
        entries: _Entries = {}
        merged: list[Node] = []
        for key, value in node.pairs():
            if not isinstance(key, Scalar):
                self._mistake(
                    "A list or mapping cannot be a key.", key, "Put a text that begins with { or [ in quotes."
                )
                continue
            name = key.text if as_written else _canonical(key.text)
            if key.text == "<<" and key.style is None:
                if merged:
                    self._mistake('"<<" stands twice here.', key, "Give one list: <<: [*first, *second].")
                merged.extend(value.items if isinstance(value, Sequence) else [value])
            elif name in entries:
                self._duplicate(key, entries[name][0])
            else:
                entries[name] = (key, value)
        for source in merged:
            if isinstance(source, Mapping):
                entries |= {name: at for name, at in self._mapping(source, as_written).items() if name not in entries}
            else:
                self._mistake('"<<" takes a mapping or a list of mappings.', source, "Refer to one: <<: *name.")
        self.entries[id(node), as_written] = entries
        return entries

    def _duplicate(self, key: Scalar, first: Scalar) -> None:
        if key.text == first.text:
            self._mistake(f'"{key.text}" stands twice here.', key, "Remove one of the two, or rename it.")
        else:
            message = f'"{key.text}" and "{first.text}" are two spellings of one property.'
            self._mistake(message, key, f'Keep "{_canonical(key.text)}".')

    def _scalar(self, node: Scalar) -> Any:
        if node.tag is None or node.tag == "!":
            return node.text if node.style is not None or node.tag else _plain(node.text)
        kinds = {"str": str, "int": int, "float": float, "bool": bool, "null": type(None)}
        kind = kinds.get(node.tag.removeprefix(_TAG)) if node.tag.startswith(_TAG) else None
        if kind is str:
            return node.text
        value = _plain(node.text)
        if kind is None:
            self._check_tag(node, "str", "text")
        elif type(value) is not kind and not (kind is float and type(value) is int):
            self._mistake(f'"{node.text}" is not what its tag says.', node, "Remove the tag.")
        return value

    def _check_tag(self, node: Node, right: str, kind: str) -> None:
        if node.tag not in (None, "!", _TAG + right):
            shown = node.tag.replace(_TAG, "!!")
            self._mistake(f'The tag "{shown}" is not read here: this is a {kind}.', node, "Remove the tag.")

    def _mistake(self, message: str, node: Node, hint: str) -> None:
        self.mistakes.add(_Mistake(message, node.start, hint))


def _plain(text: str) -> Any:
    """A plain text as JSON would read it."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "-0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            return float(text)
    return text


@lru_cache(maxsize=1024)
def _canonical(key: str) -> str:
    """A key in snake_case.

    >>> _canonical("rollingWindow"), _canonical("CUBE")
    ('rolling_window', 'CUBE')
    """
    if key.islower() or not _CAMEL_CASE.fullmatch(key):
        return key
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _is_empty(root: Node) -> bool:
    return isinstance(root, Scalar) and root.style is None and root.text == ""


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]


def _place(file: str, line_starts: list[int], position: int, origin: Origin | None = None) -> Place:
    line = bisect_right(line_starts, position)
    column = position - line_starts[line - 1] + 1
    return Place(file, line, column) if origin is None else origin.place(file, line, column)
