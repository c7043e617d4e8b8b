"""Values as parameters: each slot, in each form it is compared in, once, named in the order of the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sqlglot import exp

from engine.errors import Issue, QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.sql.dialects import SqlDialect

# https://www.sqlite.org/limits.html, SQLITE_MAX_LIKE_PATTERN_LENGTH
_LONGEST_PATTERN: Final = 50_000


@dataclass(slots=True)
class Parameters:
    """The parameters of one statement while it is built, by slot and form.

    Forms: `plain`, the value as it is; `time`, a moment; `date`, a day, of a moment the first from it on; `local`, a moment in the
    query's zone; for databases that store times as text, `day` and `day after`, the days around a moment, and `moment`, the moment
    to the millisecond; `backslash`, a pattern for databases whose LIKE escapes with a backslash; `wide` and `glob`, two that ignore
    the case of every letter, for one whose LIKE ignores that of a to z.
    """

    names: dict[tuple[int, str], str] = field(default_factory=dict)

    def node(self, slot: int, form: str) -> exp.Placeholder:
        """The placeholder of a slot."""
        name = self.names.setdefault((slot, form), f"p{len(self.names)}")
        return exp.Placeholder(this=name)


def bound_value(value: Any, form: str, *, text_times: bool, time_zone: str = "UTC") -> Any:
    """A slot's value as the driver takes it.

    >>> bound_value(datetime(2025, 1, 1), "time", text_times=True)
    '2025-01-01'
    """
    if form == "backslash":
        return str(value).replace("\\", "\\\\").replace("!%", "\\%").replace("!_", "\\_").replace("!!", "!")
    if form in {"wide", "glob"}:
        return _short_enough(_wide(str(value)) if form == "wide" else _glob(str(value)))
    if form == "local" and isinstance(value, datetime):
        value = _local(value, time_zone)
    if form == "date" and isinstance(value, datetime):
        # The first day that begins at the moment or after it; a day may begin later than at midnight.
        day = _local(value, time_zone).date()
        begins = _local(value - timedelta(microseconds=1), time_zone).date() < day
        value = day if begins else day + timedelta(days=1)
    if not text_times:
        return value
    if isinstance(value, datetime):
        if form in {"day", "day after"}:
            return (value + timedelta(days=1 if form == "day after" else 0)).strftime("%Y-%m-%d")
        if form == "moment":
            return value.isoformat(" ", timespec="milliseconds")
        # A day's name alone sorts before every text form of its moments, so no form of theirs is missed.
        return value.strftime("%Y-%m-%d") if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value


def _local(moment: datetime, time_zone: str) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)


def _short_enough(pattern: str) -> str:
    """A pattern; raises QueryError where SQLite would take it for too complex."""
    if len(pattern.encode("utf-8", "replace")) > _LONGEST_PATTERN:
        most = f"{_LONGEST_PATTERN:,} bytes, in which a letter beyond a to z counts for several"
        message = f"SQLite searches for texts of no more than {most}."
        raise QueryError(Issue("E_VALUE", message, member="filters", hint="Search for a part of the text."))
    return pattern


def _wide(pattern: str) -> str:
    """A pattern in which each letter beyond a to z stands for any."""
    return "".join("_" if not letter.isascii() and letter.lower() != letter.upper() else letter for letter in pattern)


def _glob(pattern: str) -> str:
    """A pattern for LIKE … ESCAPE '!' as one for GLOB, each letter in either case; one of a to z alone is left to LIKE.

    >>> _glob("%Ä!_*%"), _glob("%a%")
    ('*[Ää]_[*]*', '*')
    """
    if pattern.isascii():
        return "*"
    letters = iter(pattern)
    found = []
    for each in letters:
        if each == "%":
            found.append("*")
            continue
        letter = next(letters) if each == "!" else each
        cases = sorted({case for case in (letter, letter.upper(), letter.lower()) if len(case) == 1})
        found.append(f"[{''.join(cases)}]" if len(cases) > 1 or letter in "*?[" else letter)
    return "".join(found)


def bound_values(
    names: Sequence[tuple[str, int, str]], values: Sequence[Any], dialect: SqlDialect, *, time_zone: str
) -> dict[str, Any]:
    """The parameters of a statement, from (name, slot, form) and the slots' values."""
    bound = {
        name: bound_value(values[slot], form, text_times=dialect.text_times, time_zone=time_zone)
        for name, slot, form in names
    }
    if not dialect.untyped_times:
        return bound
    return {name: str(value) if isinstance(value, date) else value for name, value in bound.items()}
