"""Cubes and views as written, after `extends`: a child's properties and members stand over its parent's, name by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Issue, did_you_mean
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.nodes import Node

SECTIONS = ("joins", "dimensions", "measures", "segments", "hierarchies", "pre_aggregations")


@dataclass(frozen=True, slots=True)
class Raw:
    """One cube or view as written: where each property and each named member comes from."""

    name: str
    node: Node
    properties: dict[str, Node] = field(default_factory=dict)
    sections: dict[str, dict[str, Node]] = field(default_factory=dict)

    def section(self, name: str) -> dict[str, Node]:
        return self.sections.get(name, {})


def merged(kind: str, nodes: list[Node], report: Callable[[Issue], None]) -> dict[str, Raw]:
    """All cubes, or all views, by name; `kind` names them in messages."""
    written: dict[str, Node] = {}
    for node in nodes:
        name = node.text("name")
        if name is None:
            continue
        if name in written:
            message = f"The {kind} {name!r} is declared twice; the first time at {written[name].place}."
            report(Issue("E_DUPLICATE_NAME", message, place=node.place))
            continue
        written[name] = node
    done: dict[str, Raw] = {}
    for name in written:
        _resolve(name, kind, written, done, (), report)
    return {name: done[name] for name in written}


def _resolve(
    name: str,
    kind: str,
    written: dict[str, Node],
    done: dict[str, Raw],
    chain: tuple[str, ...],
    report: Callable[[Issue], None],
) -> Raw:
    if name in done:
        return done[name]
    node = written[name]
    own = _own(name, node, kind, report)
    parent = node.text("extends")
    place = (node.get("extends") or node).place
    if parent is not None and parent in (*chain, name):
        circle = " → ".join((*chain, name, parent))
        report(Issue("E_CYCLE", f"`extends` goes round in a circle: {circle}.", place=place))
    elif parent is not None and parent not in written:
        hint = did_you_mean(near(parent, written))
        report(Issue("E_NAME_NOT_FOUND", f"There is no {kind} {parent!r} to extend.", place=place, hint=hint))
    elif parent is not None:
        own = _over(own, _resolve(parent, kind, written, done, (*chain, name), report))
    done[name] = own
    return own


def _own(name: str, node: Node, kind: str, report: Callable[[Issue], None]) -> Raw:
    data = node.data if isinstance(node.data, dict) else {}
    properties = {key: found for key in data if key not in SECTIONS and (found := node.get(key))}
    sections: dict[str, dict[str, Node]] = {}
    for section in SECTIONS:
        for member, entry in node.named(section):
            those = sections.setdefault(section, {})
            if member in those:
                message = f"{member!r} is declared twice among the {section} of the {kind} {name!r}."
                report(Issue("E_DUPLICATE_NAME", message, place=entry.place))
            else:
                those[member] = entry
    return Raw(name, node, properties, sections)


def _over(child: Raw, parent: Raw) -> Raw:
    inherited = {key: node for key, node in parent.properties.items() if key not in {"name", "public", "shown"}}
    if "sql" in child.properties or "sql_table" in child.properties:
        inherited = {key: node for key, node in inherited.items() if key not in {"sql", "sql_table"}}
    sections = {section: {**parent.section(section), **child.section(section)} for section in SECTIONS}
    return Raw(child.name, child.node, {**inherited, **child.properties}, sections)
