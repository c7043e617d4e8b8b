"""Local time on SQLite, which knows no zones: the offsets of a zone as a CASE over the moments at which they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2038, 1, 1, tzinfo=UTC)

Change = tuple[str, int]
"""From which moment on (UTC, as SQLite's text) an offset of so many seconds holds."""


def sqlite_local(tree: exp.Expr, zone: str) -> exp.Expr:
    """A time in UTC as the wall-clock text of `zone`, from 1970 to 2037; offsets outside are those of the ends."""
    plain = exp.Anonymous(this="DATETIME", expressions=[tree])
    return exp.Anonymous(this="DATETIME", expressions=[tree.copy(), _offset(changes(zone), plain)])


@lru_cache(maxsize=64)
def changes(zone: str) -> tuple[Change, ...]:
    """The changes of a zone's offset.

    >>> changes("Asia/Kolkata")
    (('1970-01-01 00:00:00', 19800),)
    """
    info = ZoneInfo(zone)
    found = [(_text(_FIRST), _seconds(_FIRST, info))]
    day = _FIRST
    while day < _LAST:
        after = day + timedelta(days=7)
        if _seconds(after, info) != _seconds(day, info):
            moment = _search(day, after, info)
            found.append((_text(moment), _seconds(moment, info)))
        day = after
    return tuple(found)


def _search(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second, between two moments of different offsets, at which the later offset holds."""
    low, high = int(before.timestamp()), int(after.timestamp())
    target = _seconds(after, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _seconds(datetime.fromtimestamp(middle, UTC), zone) == target:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(found: Sequence[Change], plain: exp.Expr) -> exp.Expr:
    """A CASE that halves the changes at each step, so that any time is placed in a few comparisons."""
    if len(found) == 1:
        return exp.Literal(this=f"{found[0][1]:+d} seconds", is_string=True)
    half = len(found) // 2
    later = exp.GTE(this=plain.copy(), expression=exp.Literal(this=found[half][0], is_string=True))
    return exp.Case(ifs=[exp.If(this=later, true=_offset(found[half:], plain))], default=_offset(found[:half], plain))


def _seconds(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
