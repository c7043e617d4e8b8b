"""Reading a document's data forgivingly: the form has been checked already, so what is malformed is passed over here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.errors import Place
    from engine.model.document import Document


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document, with its path there; `place` tells where an analyst finds it."""

    document: Document
    path: tuple[str | int, ...]
    data: Any

    @property
    def place(self) -> Place:
        return self.document.place(self.path)

    def place_at(self, offset: int) -> Place:
        """Where the character at `offset` of this text stands in the file."""
        return self.document.place(self.path, offset)

    def get(self, key: str) -> Node | None:
        """The value under a key, or None where there is none."""
        if isinstance(self.data, dict) and self.data.get(key) is not None:
            return Node(self.document, (*self.path, key), self.data[key])
        return None

    def items(self, key: str) -> tuple[Node, ...]:
        """The entries of the list under a key."""
        found = self.data.get(key) if isinstance(self.data, dict) else None
        if not isinstance(found, list):
            return ()
        return tuple(Node(self.document, (*self.path, key, index), entry) for index, entry in enumerate(found))

    def named(self, key: str) -> Iterator[tuple[str, Node]]:
        """The entries of the list under a key that have a name, with that name."""
        for entry in self.items(key):
            name = entry.text("name")
            if name is not None:
                yield name, entry

    def text(self, key: str) -> str | None:
        """The text under a key."""
        found = self.data.get(key) if isinstance(self.data, dict) else None
        return found if isinstance(found, str) else None

    def value(self, key: str, default: Any = None) -> Any:
        """Whatever stands under a key."""
        found = self.data.get(key) if isinstance(self.data, dict) else None
        return default if found is None else found

    def flag(self, key: str, *, default: bool) -> bool:
        """The boolean under a key."""
        found = self.value(key)
        return found if isinstance(found, bool) else default

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of the list under a key; a lone text counts as a list of one."""
        found = self.value(key)
        if isinstance(found, str):
            return (found,)
        return tuple(entry for entry in found if isinstance(entry, str)) if isinstance(found, list) else ()


def public(node: Node, *, default: bool) -> bool:
    """Whether a member, cube or view is shown to those who look for something to ask."""
    return node.flag("public", default=node.flag("shown", default=default))


def title_of(name: str) -> str:
    """The title of what has none of its own.

    >>> title_of("bug_count")
    'Bug count'
    """
    return name.replace("_", " ").strip().capitalize()
