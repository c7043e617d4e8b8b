"""Local time on SQLite, which knows no zones: a zone's offsets as a CASE over what they were when.

Where the clocks have changed by the same rule for years (the last Sunday of March to the last Sunday of October), the rule stands
there, reckoned by SQLite's own date functions; years without a rule have their changes listed:

    CASE WHEN x >= '1996' THEN
      CASE WHEN DATETIME(x) >= DATETIME(STRFTIME('%Y-03-25', x), 'weekday 0', '+3600 seconds')
            AND DATETIME(x) < DATETIME(STRFTIME('%Y-10-25', x), 'weekday 0', '+3600 seconds')
      THEN '+7200 seconds' ELSE '+3600 seconds' END
    WHEN x >= '1981' THEN …
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FIRST = 1970
LAST_YEAR = 2099
_LOOKED_THROUGH = 8

Day = tuple[int, int]
"""A month and a day of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """From `moment` (UTC) on, local time is `offset` seconds ahead of UTC."""

    moment: datetime
    offset: int


@dataclass(frozen=True, slots=True)
class Turn:
    """When the clocks change in each year, in UTC: so many `seconds` after the first `weekday` (0 is Sunday) on or after `day`."""

    day: Day
    weekday: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Years:
    """The offsets from the start of `first` on: `outside` of the two turns and `inside`, or as the changes say one by one."""

    first: int
    outside: int
    inside: int = 0
    turns: tuple[Turn, Turn] | None = None
    changes: tuple[Change, ...] = ()
    latest: bool = False


def sqlite_local(tree: exp.Expr, zone: str) -> exp.Expr:
    """A time in UTC as the wall-clock text of `zone`, from 1970 on; before, with the offset of that year."""
    return _call("DATETIME", tree, _offset(tree, years_of(zone)))


@lru_cache(maxsize=64)
def years_of(zone: str) -> tuple[Years, ...]:
    """The offsets of a zone, latest years first.

    >>> years_of("Asia/Kolkata")
    (Years(first=1970, outside=19800, inside=0, turns=None, changes=(), latest=True),)
    >>> [each.turns for each in years_of("Europe/Berlin")][0]
    (Turn(day=(3, 25), weekday=0, seconds=3600), Turn(day=(10, 25), weekday=0, seconds=3600))
    """
    first, *changes = changes_of(zone)
    offset = first.offset
    runs: list[list[tuple[Change, ...]]] = []
    found: list[Years] = []
    for year in range(_FIRST, LAST_YEAR + 1):
        own = tuple(each for each in changes if each.moment.year == year)
        if found and (longer := _years(found[-1].first, found[-1].outside, [*runs[-1], own])) is not None:
            found[-1] = longer
            runs[-1].append(own)
        else:
            found.append(_years(year, offset, [own]) or Years(year, offset, changes=own))
            runs.append([own])
        offset = own[-1].offset if own else offset
    found[-1] = replace(found[-1], latest=True)
    return tuple(reversed(found))


def _years(first: int, outside: int, run: Sequence[tuple[Change, ...]]) -> Years | None:
    """What the changes of consecutive years have in common, if it says all of them."""
    if not any(run):
        return Years(first, outside)
    if any(len(own) != 2 or own[1].offset != outside or own[0].offset != run[0][0].offset for own in run):
        return None
    turns = [common_turn([own[index].moment for own in run]) for index in (0, 1)]
    if turns[0] is None or turns[1] is None:
        return None
    return Years(first, outside, run[0][0].offset, (turns[0], turns[1]))


def common_turn(moments: Sequence[datetime]) -> Turn | None:
    """The rule by which one moment of each year is found, if there is one."""
    clocks = {moment.time() for moment in moments}
    weekdays = {moment.isoweekday() % 7 for moment in moments}
    if len(clocks) > 1 or len(weekdays) > 1:
        return None
    days = set.intersection(*(_week(moment.date()) for moment in moments))
    if not days:
        return None
    clock = clocks.pop()
    return Turn(max(days), weekdays.pop(), clock.hour * 3600 + clock.minute * 60 + clock.second)


def _week(last: date) -> set[Day]:
    """The day and the six before it, as far as they are of its year."""
    week = (last - timedelta(days=back) for back in range(7))
    return {(day.month, day.day) for day in week if day.year == last.year}


@lru_cache(maxsize=64)
def changes_of(zone: str) -> tuple[Change, ...]:
    """The offset of a zone when 1970 begins, and then each change of it, to the second."""
    info = ZoneInfo(zone)
    start = datetime(_FIRST, 1, 1, tzinfo=UTC)
    days = range(0, (date(LAST_YEAR + 1, 1, 1) - start.date()).days + 7, 7)
    weeks = [start + timedelta(days=each) for each in days]
    found = [Change(start, _seconds(start, info))]
    for (before, offset), (after, later) in pairwise((week, _seconds(week, info)) for week in weeks):
        if offset != later:
            found.append(Change(_search(before, after, info), later))
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


def _seconds(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


# As SQL.


def _offset(tree: exp.Expr, found: Sequence[Years]) -> exp.Expr:
    """The offset as a modifier of SQLite's date functions; of many runs of years, those of one half are looked through."""
    if len(found) == 1:
        return _in(tree, found[0])
    if len(found) > _LOOKED_THROUGH:
        half = len(found) // 2
        later, earlier = _offset(tree, found[:half]), _offset(tree, found[half:])
        return exp.Case(ifs=[exp.If(this=_since(tree, found[half - 1]), true=later)], default=earlier)
    ifs = [exp.If(this=_since(tree, each), true=_in(tree, each)) for each in found[:-1]]
    return exp.Case(ifs=ifs, default=_in(tree, found[-1]))


def _since(tree: exp.Expr, years: Years) -> exp.Expr:
    # A year compares right with a text of a time in any form.
    return exp.GTE(this=tree.copy(), expression=_text(str(years.first)))


def _in(tree: exp.Expr, years: Years) -> exp.Expr:
    """The offset in years that have their changes in common, or one by one."""
    if years.turns is not None:
        return _between(tree, years, *years.turns)
    ifs = [
        exp.If(
            this=exp.GTE(this=_call("DATETIME", tree), expression=_text(each.moment.strftime("%Y-%m-%d %H:%M:%S"))),
            true=_modifier(each.offset),
        )
        for each in reversed(years.changes)
    ]
    return exp.Case(ifs=ifs, default=_modifier(years.outside)) if ifs else _modifier(years.outside)


def _between(tree: exp.Expr, years: Years, start: Turn, end: Turn) -> exp.Expr:
    inside, outside = years.inside, years.outside
    after = exp.GTE(this=_call("DATETIME", tree), expression=moment_of(tree, start))
    before = exp.LT(this=_call("DATETIME", tree), expression=moment_of(tree, end))
    ifs = [exp.If(this=exp.And(this=after, expression=before), true=_modifier(inside))]
    if years.latest:
        # Most rows are of these years, and of days that are near no turn: what the day's text tells costs a third.
        surely = exp.Between(this=day_of(tree), low=day_text(start, 7), high=day_text(end, -1))
        maybe = exp.Between(this=day_of(tree), low=day_text(start, 0), high=day_text(end, 7))
        ifs.insert(0, exp.If(this=surely, true=_modifier(inside)))
        ifs.insert(1, exp.If(this=exp.Not(this=maybe), true=_modifier(outside)))
    return exp.Case(ifs=ifs, default=_modifier(outside))


def moment_of(tree: exp.Expr, turn: Turn) -> exp.Expr:
    """The moment of a turn in the year of a time."""
    month, day = turn.day
    start = _call("STRFTIME", _text(f"%Y-{month:02}-{day:02}"), tree)
    parts: Iterable[str] = (f"weekday {turn.weekday}", *((f"+{turn.seconds} seconds",) if turn.seconds else ()))
    return _call("DATETIME", start, *map(_text, parts))


def day_of(tree: exp.Expr) -> exp.Expr:
    """The month and the day of a time, which cost less than its distance from a moment."""
    return _call("SUBSTR", tree, _number(6), _number(5))


def day_text(turn: Turn, days: int) -> exp.Expr:
    """A day near a turn; the year is one without a 29 February, which no turn is near."""
    day = min(date(2001, *turn.day) + timedelta(days=days), date(2001, 12, 31))
    return _text(day.strftime("%m-%d"))


def _modifier(offset: int) -> exp.Expr:
    return _text(f"{offset:+d} seconds")


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    # A node stands in one place only.
    return exp.Anonymous(this=name, expressions=[each.copy() if each.parent else each for each in arguments])


def _number(value: int) -> exp.Literal:
    return exp.Literal(this=str(value), is_string=False)


def _text(value: str) -> exp.Literal:
    return exp.Literal(this=value, is_string=True)
