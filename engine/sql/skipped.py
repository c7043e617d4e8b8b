"""Buckets of local time that never were, because the clocks went forward over them.

A database that knows zones is asked: a local time that was left out comes back as a later one. A bucket was if its first second
or its last one was, for no bucket that is asked about is longer than what was left out at once.

    bucket AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'Europe/Berlin' = bucket OR …

For SQLite, which knows no zones, what was left out stands there: by its rule for the years that have one, else one by one.

    NOT (
      (bucket >= '1981' AND SUBSTR(bucket, 6, 5) BETWEEN '03-25' AND '04-01'
        AND bucket >= DATETIME(STRFTIME('%Y-03-25', bucket), 'weekday 0', '+7200 seconds')
        AND DATETIME(bucket, '+1 hours') <= DATETIME(STRFTIME('%Y-03-25', bucket), 'weekday 0', '+10800 seconds'))
      OR (bucket >= '1980-04-06 02:00:00' AND bucket < '1980-04-06 03:00:00' AND DATETIME(…) <= '1980-04-06 03:00:00')
    )
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.expressions import conjunction, disjunction
from engine.sql.moves import as_time, moved
from engine.sql.nodes import call, kind, number, text
from engine.sql.times import next_bucket
from engine.sql.zones import LAST_YEAR, changes_of, common_turn, day_of, day_text, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.granularity import Granularity
    from engine.sql.dialects import SqlDialect


@dataclass(frozen=True, slots=True)
class _Skip:
    """So many `seconds` of local time that were left out from `start` on."""

    start: datetime
    seconds: int


def existing(start: exp.Expr, granularity: Granularity, zone: str, dialect: SqlDialect) -> exp.Expr | None:
    """The condition that some of the bucket from `start` on was not left out; None if no bucket of this length ever was."""
    length = granularity.seconds
    skips = tuple(each for each in _skips(zone) if length and each.seconds >= length)
    if not skips:
        return None
    if dialect.name != "sqlite":
        last = moved(next_bucket(start.copy(), granularity, dialect), exp.Neg(this=number(1)), "SECOND", dialect)
        was = _WAS.get(dialect.name, _at_time_zone)
        first = as_time(start) if granularity.whole_days else start
        return exp.Paren(this=exp.Or(this=was(first, zone), expression=was(last, zone)))
    ends = (start, next_bucket(start.copy(), granularity, dialect))
    if granularity.whole_days:
        ends = (call("DATETIME", ends[0]), call("DATETIME", ends[1]))
    left_out = disjunction([_lies_in(run, *ends) for run in reversed(_runs(skips))])
    return exp.Not(this=exp.Paren(this=left_out))


# Whether a local time was: it comes back as itself.


def _at_time_zone(this: exp.Expr, zone: str) -> exp.Expr:
    holder = exp.Paren(this=this) if isinstance(this, exp.Binary) else this
    again = exp.AtTimeZone(this=exp.AtTimeZone(this=holder, zone=text(zone)), zone=text(zone))
    return exp.EQ(this=again, expression=this.copy())


def _by(again: Callable[[exp.Expr, str], exp.Expr]) -> Callable[[exp.Expr, str], exp.Expr]:
    return lambda this, zone: exp.EQ(this=again(this, zone), expression=this.copy())


def _as_texts(this: exp.Expr, zone: str) -> exp.Expr:
    written = call("toString", this)
    return exp.EQ(this=call("toString", call("toDateTime", written, text(zone))), expression=written.copy())


_WAS: dict[str, Callable[[exp.Expr, str], exp.Expr]] = {
    "clickhouse": _as_texts,
    "spark": _by(lambda this, zone: call("FROM_UTC_TIMESTAMP", call("TO_UTC_TIMESTAMP", this, text(zone)), text(zone))),
    "mysql": _by(
        lambda this, zone: call(
            "CONVERT_TZ", call("CONVERT_TZ", this, text(zone), text("UTC")), text("UTC"), text(zone)
        )
    ),
    "bigquery": _by(lambda this, zone: call("DATETIME", call("TIMESTAMP", this, text(zone)), text(zone))),
    "snowflake": _by(
        lambda this, zone: call(
            "CONVERT_TIMEZONE", text("UTC"), text(zone), call("CONVERT_TIMEZONE", text(zone), text("UTC"), this)
        )
    ),
    "trino": _by(lambda this, zone: exp.Cast(this=call("WITH_TIMEZONE", this, text(zone)), to=kind("TIMESTAMP"))),
}


# What was left out.


@lru_cache(maxsize=64)
def _skips(zone: str) -> tuple[_Skip, ...]:
    first, *changes = changes_of(zone)
    found = []
    offset = first.offset
    for each in changes:
        if each.offset > offset:
            found.append(_Skip(each.moment.replace(tzinfo=None) + timedelta(seconds=offset), each.offset - offset))
        offset = each.offset
    return tuple(found)


def _runs(skips: tuple[_Skip, ...]) -> list[list[_Skip]]:
    """What was left out by one rule in consecutive years, earliest first."""
    runs: list[list[_Skip]] = []
    for each in skips:
        if runs and _by_one_rule(longer := [*runs[-1], each]):
            runs[-1] = longer
        else:
            runs.append([each])
    return runs


def _by_one_rule(run: list[_Skip]) -> bool:
    before, last = run[-2:]
    follows = (last.start.year, last.seconds) == (before.start.year + 1, before.seconds)
    return follows and common_turn([each.start for each in run]) is not None


def _lies_in(run: list[_Skip], start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """The condition that a bucket lies in what was left out, as SQL of SQLite."""
    first, last = run[0], run[-1]
    turn = common_turn([each.start for each in run])
    if first is last or turn is None:
        since, until = (f"{each:%Y-%m-%d %H:%M:%S}" for each in (first.start, _end(first)))
        return _both(
            exp.GTE(this=start.copy(), expression=text(since)),
            exp.LT(this=start.copy(), expression=text(until)),
            exp.LTE(this=end.copy(), expression=text(until)),
        )
    years: list[exp.Expr] = [exp.GTE(this=start.copy(), expression=text(str(first.start.year)))]
    if last.start.year < LAST_YEAR:
        years.append(exp.LT(this=start.copy(), expression=text(str(last.start.year + 1))))
    after = replace(turn, seconds=turn.seconds + first.seconds)
    # What the day's text tells costs less than the moment of a turn.
    days = exp.Between(this=day_of(start.copy()), low=day_text(turn, 0), high=day_text(turn, 7))
    return _both(
        *years,
        days,
        exp.GTE(this=start.copy(), expression=moment_of(start.copy(), turn)),
        exp.LTE(this=end.copy(), expression=moment_of(start.copy(), after)),
    )


def _end(skip: _Skip) -> datetime:
    return skip.start + timedelta(seconds=skip.seconds)


def _both(*conditions: exp.Expr) -> exp.Expr:
    found = conjunction(list(conditions))
    assert found is not None
    return found
