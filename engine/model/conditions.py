"""Declared conditions: the filters of policies and views, and how fresh data has to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from engine.model.declarations import interval
from engine.model.model import Condition, Freshness, Policy

if TYPE_CHECKING:
    from engine.model.nodes import Node

_SECONDS = re.compile(r"(\d+(?:\.\d+)?)\Z")
_MONTH_SECONDS = 30 * 86_400


def conditions(nodes: tuple[Node, ...]) -> tuple[Condition, ...]:
    """The conditions of a list, all of which have to hold."""
    return tuple(found for node in nodes if (found := _condition(node)) is not None)


def _condition(node: Node) -> Condition | None:
    junctions: tuple[Literal["and", "or"], ...] = ("and", "or")
    for junction in junctions:
        if node.value(junction) is not None:
            return Condition(junction=junction, parts=conditions(node.items(junction)), place=node.place)
    member = node.text("member") or node.text("dimension")
    if member is None:
        return None
    values: Any = node.value("values", ())
    listed = tuple(values) if isinstance(values, list) else (values,) if values != () else ()
    return Condition(member, node.text("operator") or "equals", listed, unless=node.texts("unless"), place=node.place)


def policies(node: Node | None) -> tuple[Policy, ...]:
    """The access policies of a cube or view."""
    if node is None or not isinstance(node.data, list):
        return ()
    entries = [type(node)(node.document, (*node.path, index), entry) for index, entry in enumerate(node.data)]
    return tuple(_policy(entry) for entry in entries if isinstance(entry.data, dict))


def _policy(node: Node) -> Policy:
    rows, members = node.get("row_level"), node.get("member_level")
    groups = node.texts("groups") or node.texts("group") or node.texts("role")
    includes = members.value("includes") if members else None
    return Policy(
        groups=groups,
        conditions=tuple(_test(entry) for entry in node.items("conditions")),
        member_level=members is not None,
        includes=None if includes in (None, "*") else (members.texts("includes") if members else ()),
        excludes=members.texts("excludes") if members else (),
        row_level=conditions(rows.items("filters")) if rows and rows.value("filters") is not None else None,
        allow_all=rows.flag("allow_all", default=False) if rows else False,
        place=node.place,
    )


def _test(node: Node) -> str:
    written = node.value("if", "")
    return str(written).lower() if isinstance(written, bool) else str(written)


def freshness(node: Node | None) -> Freshness | None:
    """How old data may be; a number counts seconds, a text is an interval."""
    if node is None or not isinstance(node.data, dict):
        return None
    written = node.value("ttl", node.value("time_to_live"))
    if isinstance(written, int | float):
        return Freshness(float(written), node.text("synced_at"))
    text = str(written or "")
    if match := _SECONDS.match(text):
        return Freshness(float(match[1]), node.text("synced_at"))
    months, seconds = interval(text) or (0, 0)
    return Freshness(float(months * _MONTH_SECONDS + seconds), node.text("synced_at"))
