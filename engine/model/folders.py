"""Folders of a view, which group its members, and groups of views: for people who browse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, did_you_mean
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from engine.model.gaps import Lost
    from engine.model.model import ViewMember
    from engine.model.nodes import Node

Folder = tuple[str, tuple[str, ...]]
"""A name and the members under it; a folder inside another is called `Outer / Inner`."""


def folders_of(
    nodes: Iterable[Node], members: Mapping[str, ViewMember], report: Callable[[Issue], None], lost: Lost
) -> tuple[Folder, ...]:
    """The folders of a view with these members, each followed by those inside it.

    What they name and there is not is reported, unless it is `lost`.
    """
    return tuple(folder for node in nodes for folder in _folder(node, "", members, report, lost))


def _folder(
    node: Node, outer: str, members: Mapping[str, ViewMember], report: Callable[[Issue], None], lost: Lost
) -> Iterator[Folder]:
    name = f"{outer}{node.text('name') or ''}"
    found: dict[str, None] = {}
    inside: list[Node] = []
    if node.value("includes") == "*":
        found = dict.fromkeys(members)
    for entry in node.items("includes"):
        if isinstance(entry.data, dict):
            written = entry.text("join_path")
            if written is None:
                inside.append(entry)
            elif path := [each for each, member in members.items() if member.path == tuple(written.split("."))]:
                found |= dict.fromkeys(path)
            elif not lost.everything and not lost.names:
                report(_missing(f"No member of the view is read by {written!r}.", written, (), entry))
        elif str(entry.data) in members:
            found[str(entry.data)] = None
        elif str(entry.data) not in lost:
            message = f"The folder {name!r} names {entry.data!r}, which is no member of the view."
            report(_missing(message, str(entry.data), members, entry))
    yield name, tuple(found)
    for entry in inside:
        yield from _folder(entry, f"{name} / ", members, report, lost)


def view_group_issues(roots: Iterable[Node], views: Collection[str]) -> Iterator[Issue]:
    """What groups of views name and there is not."""
    for root in roots:
        for group in root.items("view_groups"):
            yield from _group_issues(group, views)


def _group_issues(group: Node, views: Collection[str]) -> Iterator[Issue]:
    for entry in (*group.items("includes"), *group.items("views")):
        if isinstance(entry.data, dict):
            yield from _group_issues(entry, views)
        elif str(entry.data) not in views:
            message = f"The group {group.text('name')!r} names {entry.data!r}, which is no view."
            yield _missing(message, str(entry.data), views, entry)


def _missing(message: str, name: str, known: Iterable[str], node: Node) -> Issue:
    return Issue("E_NAME_NOT_FOUND", message, place=node.place, hint=did_you_mean(near(name, known)))
