"""What can be asked, as two tables and the rules below them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from server.terminal.account import broken
from server.terminal.table import LINES, print_table, screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

_NARROW = 70


def print_catalogue(found: Mapping[str, Any], *, detail: bool, narrowed: bool) -> None:
    """Print what `engine.capabilities` tells in detail; without `detail`, of each member its first sentence.

    The rules that hold for all of them are left out where a search `narrowed` the lists.
    """
    console = screen()
    width = console.width if sys.stdout.isatty() else None
    for title, members, tail in (
        ("Metrics", found.get("metrics", ()), _of_metric),
        ("Dimensions", found.get("dimensions", ()), _of_dimension),
    ):
        if members and width is not None and width < _NARROW:
            _print_list(title, members, console, detail=detail)
        elif members:
            print_table(_table(title, [[each["name"], _text(each, detail=detail), tail(each)] for each in members]))
            console.print()
    rules = [str(found["note"])] if "note" in found else [] if narrowed else _rules(found)
    for line in [part for rule in rules for part in broken(rule, width)]:
        console.print(Text(line, no_wrap=width is None), soft_wrap=True)


def _print_list(title: str, members: Sequence[Mapping[str, Any]], console: Console, *, detail: bool) -> None:
    """The members one below the other, for screens on which the words of a table would be broken."""
    console.print(Text(title, style="bold cyan"))
    for each in members:
        console.print(Text(str(each["name"]), style="bold"), soft_wrap=True)
        for part in _text(each, detail=detail).splitlines():
            for line in broken(part, console.width, bullet="  "):
                console.print(Text(line), soft_wrap=True)
    console.print()


def _table(title: str, rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=LINES, show_edge=False, pad_edge=False)
    table.add_column(title, style="bold", header_style="bold cyan", no_wrap=True)
    table.add_column("What it is", header_style="cyan", overflow="fold", ratio=3)
    table.add_column("Unit" if title == "Metrics" else "Values", header_style="cyan", overflow="fold", ratio=2)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _text(member: Mapping[str, Any], *, detail: bool) -> str:
    description = str(member.get("description", ""))
    if not detail:
        return description.partition(". ")[0].rstrip(".")
    parts = [description]
    if member.get("formula"):
        parts.append(f"= {member['formula']}")
    if member.get("synonyms"):
        parts.append(f"Also: {', '.join(member['synonyms'])}")
    parts += [f"“{example}”" for example in member.get("examples", ())]
    return "\n".join(parts)


def _of_metric(member: Mapping[str, Any]) -> str:
    return str(member.get("unit", ""))


def _of_dimension(member: Mapping[str, Any]) -> str:
    if "values" in member:
        return ", ".join(value["value"] for value in member["values"])
    if "type" in member:
        return str(member["type"])
    return f"e.g. {member['example']}" if "example" in member else ""


def _rules(found: Mapping[str, Any]) -> Iterator[str]:
    for each in found.get("only_with", ()):
        yield f"{', '.join(each['dimensions'])}: only with {', '.join(each['metrics'])}."
    for each in found.get("default_filters", ()):
        values = ", ".join(map(str, each["values"]))
        yield f"By default {each['member']} is one of {values}; a filter on it says otherwise."
    dates = found.get("dates", {})
    if dates.get("default"):
        others = ", ".join(name for name in dates.get("times", ()) if name != dates["default"])
        yield f"Dates are those of {dates['default']}{f'; with --time-dimension, of {others}' if others else ''}."
    if dates.get("phrases"):
        yield f"Dates are written as {', '.join(dates['phrases'])}."
    limits = found.get("limits", {})
    if limits:
        yield f"At most {', '.join(f'{number:g} {what}' for what, number in limits.items())}."
