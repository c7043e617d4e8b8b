"""Compose the text of a YAML file into a tree of nodes that know where they stand.

    parser events ──compose──▶ Mapping ─┬─ Scalar (key)   start, end: positions in the text, counted in characters
                                        └─ Sequence ── Scalar …

The tree is built from the parser's events and not by PyYAML's own composer, whose C form recurses: a file of a few
thousand "[" brings the whole process down. Aliases become the node that they name, so a node can stand in several
places.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import yaml

from engine.model.yaml_mistakes import UnreadableError, explained

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NODES = 1_000_000
MOST_LEVELS = 100

_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML 1.1 calls printable: https://yaml.org/spec/1.1/#id868524
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Scalar(NamedTuple):
    """A value without parts; `style` is None for plain text, else the sign that opens it: ' " | or >."""

    start: int
    end: int
    style: str | None
    text: str
    tag: str | None


class Sequence(NamedTuple):
    start: int
    tag: str | None
    items: list[Node]


class Mapping(NamedTuple):
    """`parts` are key, value, key, value, … as they stand in the file."""

    start: int
    tag: str | None
    parts: list[Node]

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        return zip(self.parts[::2], self.parts[1::2], strict=True)


Node: TypeAlias = Scalar | Sequence | Mapping


class _Open(NamedTuple):
    """A collection whose end has not been read yet; `before` is how many nodes stood before it."""

    node: Sequence | Mapping
    children: list[Node]
    anchor: str | None
    before: int


def compose(text: str) -> Node | None:
    """The tree of the one document in `text`, None if it holds nothing but comments; raises `UnreadableError`."""
    if odd := _UNPRINTABLE.search(text):
        message = f"The character U+{ord(odd[0]):04X} cannot stand in a YAML file."
        raise UnreadableError(message, odd.start(), "Delete it.")
    loader = _Loader(text)
    try:
        return _Composer(loader).document()
    except yaml.MarkedYAMLError as error:
        raise explained(error, text) from error
    finally:
        loader.dispose()


class _Composer:
    """A stack of open collections, fed with the parser's events."""

    def __init__(self, loader: yaml.SafeLoader | yaml.CSafeLoader) -> None:
        self._next_event = loader.get_event
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._nodes = 0
        self._documents = 0
        self._root: Node | None = None

    def document(self) -> Node | None:
        while True:
            event = self._next_event()
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.StreamEndEvent):
                return self._root

    def _begin(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            message = 'A second document starts here ("---"); a model file holds one.'
            raise UnreadableError(message, _index(event.start_mark), "Put it into a file of its own.")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        node = Scalar(_index(event.start_mark), _index(event.end_mark), event.style or None, event.value, event.tag)
        self._nodes += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1)
        self._add(node)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        start = _index(event.start_mark)
        if len(self._stack) >= MOST_LEVELS:
            raise UnreadableError(
                f"More than {MOST_LEVELS} levels stand inside each other.", start, "Write it flatter."
            )
        children: list[Node] = []
        make = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
        self._stack.append(_Open(make(start, event.tag, children), children, event.anchor, self._nodes))
        self._nodes += 1

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.anchor is not None:
            self._anchors[closed.anchor] = (closed.node, self._nodes - closed.before)
        self._add(closed.node)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name, position = event.anchor, _index(event.start_mark)
        if any(outer.anchor == name for outer in self._stack):
            message = f'"*{name}" stands inside "&{name}": a value cannot contain itself.'
            raise UnreadableError(message, position, "Write out what is meant.")
        if name not in self._anchors:
            message = f'"*{name}" refers to "&{name}", which is nowhere above.'
            raise UnreadableError(message, position, f'Define "&{name}" first; if it is text, put it in quotes.')
        node, size = self._anchors[name]
        self._nodes += size
        if self._nodes > MOST_NODES:
            message = f"With its aliases written out, the file has more than {MOST_NODES:,} values."
            raise UnreadableError(message, position, "Use fewer aliases inside aliases.")
        self._add(node)

    def _add(self, node: Node) -> None:
        if self._stack:
            self._stack[-1].children.append(node)
        else:
            self._root = node


def _index(mark: Any) -> int:
    """The position of one of PyYAML's marks, which its types allow to be missing."""
    return mark.index if mark is not None else 0
