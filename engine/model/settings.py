"""The settings of a model: what `model.yml` says, and generous defaults where it says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sqlglot.dialects.dialect import Dialect

from engine.errors import Issue, did_you_mean
from engine.model.model import Keeping, Limits, Settings
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.nodes import Node

SETTING_KEYS = frozenset({"version", "name", "release", "time_zone", "default_view", "limits", "cache", "sql_dialect"})


def settings_of(nodes: list[Node], report: Callable[[Issue], None], *, sql_dialect: str | None = None) -> Settings:
    """The settings that the files' top levels declare; `sql_dialect` overrides theirs."""
    found: dict[str, Node] = {}
    for root in nodes:
        for key in SETTING_KEYS:
            node = root.get(key)
            if node is not None and key in found:
                report(
                    Issue(
                        "E_DUPLICATE_NAME",
                        f"{key!r} is set twice; the first time at {found[key].place}.",
                        place=node.place,
                    )
                )
            elif node is not None:
                found[key] = node

    def text(key: str, default: str) -> str:
        return str(found[key].data) if key in found else default

    zone, dialect = text("time_zone", "UTC"), sql_dialect or text("sql_dialect", "postgres")
    if not is_time_zone(zone):
        hint = did_you_mean(near(zone, available_timezones())) or "Use a name such as UTC or Europe/Berlin."
        report(Issue("E_TIME_ZONE", f"There is no time zone {zone!r}.", place=found["time_zone"].place, hint=hint))
        zone = "UTC"
    if Dialect.get(dialect) is None:
        known = sorted(name for name in Dialect.classes if name)
        hint = did_you_mean(near(dialect, known)) or f"It is one of {', '.join(known)}."
        place = found["sql_dialect"].place if "sql_dialect" in found else None
        report(Issue("E_DIALECT", f"There is no SQL dialect {dialect!r}.", place=place, hint=hint))
        dialect = "postgres"
    limits = _limits(found.get("limits"))
    if limits.default_rows > limits.rows:
        message = f"A result has {limits.default_rows} rows where the query does not say, and at most {limits.rows}."
        place = (found["limits"].get("default_rows") or found["limits"]).place
        hint = "Lower `default_rows`, or raise `rows`."
        report(Issue("E_COMBINATION", message, place=place, hint=hint))
    return Settings(
        name=text("name", "model"),
        release=text("release", "0.0.0"),
        time_zone=zone,
        default_view=text("default_view", "") or None,
        default_view_place=found["default_view"].place if "default_view" in found else None,
        sql_dialect=dialect,
        limits=limits,
        cache=_keeping(found.get("cache")),
    )


def _limits(node: Node | None) -> Limits:
    if node is None:
        return Limits()
    default = Limits()

    def whole(key: str, otherwise: int | None) -> int | None:
        written = node.value(key)
        fits = type(written) is int or (type(written) is float and written.is_integer())
        return int(written) if fits else otherwise

    rows = whole("rows", None) or default.rows
    waiting = whole("waiting", None)
    return Limits(
        dimensions=whole("dimensions", None),
        measures=whole("measures", None),
        rows=rows,
        default_rows=whole("default_rows", None) or min(rows, default.default_rows),
        seconds=_number(node, "seconds", default.seconds),
        running=whole("running", None) or default.running,
        waiting=default.waiting if waiting is None else waiting,
    )


def _keeping(node: Node | None) -> Keeping:
    if node is None:
        return Keeping()
    default = Keeping()
    return Keeping(_number(node, "seconds", default.seconds), _number(node, "megabytes", default.megabytes))


def _number(node: Node, key: str, otherwise: float) -> float:
    written = node.value(key)
    return float(written) if type(written) in {int, float} else otherwise


def is_time_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
