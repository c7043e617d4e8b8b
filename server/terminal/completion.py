"""What a shell offers while a question is typed: the members of the model at hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from server.settings import MODEL, model_path, security_values

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def complete_path(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders, which the shell itself knows."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_metrics(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of metrics, the last of a list with commas completed."""
    return _completed(_names(ctx, "metrics"), incomplete)


def complete_dimensions(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of dimensions, the last of a list with commas completed."""
    return _completed(_names(ctx, "dimensions"), incomplete)


def complete_filter(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of dimensions with `=`, and behind it the values of an enumeration."""
    name, equals, _ = incomplete.partition("=")
    found = _known(ctx)["dimensions"]
    if not equals:
        return [f"{each['name']}=" for each in found if each["name"].startswith(name)]
    values = next((each.get("values", ()) for each in found if each["name"] == name), ())
    return [offered for value in values if (offered := f"{name}={value}").startswith(incomplete)]


def complete_sort(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """What the question so far shows; a shell takes `-` for the beginning of an option, so that is for the person to type."""
    shown = [name for part in ("metrics", "dimensions") for name in ctx.params.get(part) or ()]
    return [name for each in shown for name in each.split(",") if name.startswith(incomplete)]


def _completed(names: list[str], incomplete: str) -> list[str]:
    before, comma, last = incomplete.rpartition(",")
    chosen = before.split(",")
    return [f"{before}{comma}{name}" for name in names if name.startswith(last) and name not in chosen]


def _names(ctx: click.Context, kind: str) -> list[str]:
    return [each["name"] for each in _known(ctx)[kind]]


def _known(ctx: click.Context) -> dict[str, list[dict[str, str]]]:
    """The members of the model that the line so far names, as its asker sees them; nothing where it cannot be read."""
    from engine import ModelError, capabilities, load_model

    named = ctx.params.get("model") or os.environ.get(MODEL)
    given = ctx.params.get("security")
    security = given if isinstance(given, dict) else security_values((), os.environ)
    try:
        found = capabilities(load_model(model_path(str(named) if named else None)), security=security)
    except ModelError:
        return {"metrics": [], "dimensions": []}
    return {kind: found.get(kind, []) for kind in ("metrics", "dimensions")}
