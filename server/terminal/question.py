"""The options that state a question, and the query they become."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from server.terminal.completion import complete_dimensions, complete_filter, complete_metrics, complete_sort
from server.terminal.filters import FORMS, parse_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Command = TypeVar("Command", bound="Callable[..., Any]")


def _filters(_ctx: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> list[dict[str, Any]]:
    try:
        return [parse_filter(text) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _names(_ctx: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> list[str]:
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _json(_ctx: click.Context, _parameter: click.Parameter, written: str | None) -> dict[str, Any] | None:
    if written is None:
        return None
    text, source = _read(written)
    try:
        query = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"{source} is no JSON: {error}.") from error
    if not isinstance(query, dict):
        raise click.BadParameter(f'{source} is no JSON object. A query is one: {{"metrics": ["bug_count"]}}.')
    return query


def _read(written: str) -> tuple[str, str]:
    """The text of a query, and how to speak of it: as it stands, from a file (`@path`) or from stdin (`-`)."""
    if written == "-":
        return sys.stdin.read(), "What came from stdin"
    if not written.startswith("@"):
        return written, "The query"
    path = Path(written[1:])
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} cannot be read: {error}.") from error


_OPTIONS = (
    click.option(
        "--metrics",
        "-m",
        metavar="A,B",
        multiple=True,
        callback=_names,
        shell_complete=complete_metrics,
        help="The numbers asked for.",
    ),
    click.option(
        "--dimensions",
        "-d",
        metavar="A,B",
        multiple=True,
        callback=_names,
        shell_complete=complete_dimensions,
        help="What they are grouped by.",
    ),
    click.option(
        "--filter",
        "-f",
        "filters",
        metavar="TEXT",
        multiple=True,
        callback=_filters,
        shell_complete=complete_filter,
        help=f"Repeatable: {FORMS}.",
    ),
    click.option("--from", "start_date", metavar="DATE", help="From this day on: 2025-11-03, 2025-Q3, 'last quarter'."),
    click.option("--to", "end_date", metavar="DATE", help="To the end of this day, month, …"),
    click.option("--during", "date_range", metavar="DATES", help="Both at once: 'last month', 'last 30 days'."),
    click.option("--time-dimension", metavar="NAME", help="The time that dates and buckets mean."),
    click.option("--granularity", metavar="UNIT", help="Group by time: day, week, month, quarter, year."),
    click.option("--fill", is_flag=True, default=None, help="Show the buckets without rows too."),
    click.option("--segment", "segments", metavar="NAME", multiple=True, callback=_names, help="A named condition."),
    click.option(
        "--sort",
        metavar="[-]NAME",
        shell_complete=complete_sort,
        help="Order by a metric or dimension; - is descending.",
    ),
    click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most this many rows."),
    click.option("--offset", type=click.IntRange(min=0), metavar="N", help="Leave out this many rows in front."),
    click.option("--total", is_flag=True, default=None, help="Count the rows there are beyond the limit."),
    click.option("--totals", is_flag=True, default=None, help="Give the metrics without dimensions too."),
    click.option("--timezone", metavar="ZONE", help="Where days begin: Europe/Berlin [default: the model's]."),
    click.option(
        "--json",
        "written",
        metavar="QUERY",
        callback=_json,
        help="The whole query as JSON, in this form or in Cube's; @FILE reads a file, - reads stdin.",
    ),
)


def question_options(command: Command) -> Command:
    """Give a command the options that state a question; it takes them as keywords for `question_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def question_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The query that the options state, in the flat form, or the one that came as JSON.

    Raises UsageError for both, and for neither.
    """
    options = dict(options)
    written, sort = options.pop("written", None), options.pop("sort", None)
    query = {name: value for name, value in options.items() if value not in (None, [], ())}
    if sort:
        query |= {"sort_by": sort.removeprefix("-"), "sort_order": "desc" if sort.startswith("-") else "asc"}
    if written is not None:
        if query:
            raise click.UsageError("--json holds the whole query: put the other options into it.")
        return dict(written)
    if not query:
        raise click.UsageError("Nothing is asked. Try: metric-cube query --metrics bug_count --dimensions feature")
    return query


def flags_of(query: Mapping[str, Any]) -> list[str]:
    """The options that state a query of the flat form: what a person would type for it.

    >>> flags_of({"metrics": ["bug_count"], "filters": {"feature": "Login"}, "start_date": "today", "limit": 5})
    ['--metrics', 'bug_count', '--filter', 'feature=Login', '--from', 'today', '--limit', '5']
    """
    flags: list[str] = []
    for name, value in query.items():
        if name == "filters":
            flags += [part for member, wanted in value.items() for part in ("--filter", f"{member}={wanted}")]
        else:
            option = {"start_date": "--from", "end_date": "--to", "date_range": "--during"}.get(
                name, f"--{name.replace('_', '-')}"
            )
            flags += [option, ",".join(value) if isinstance(value, list) else str(value)]
    return flags
