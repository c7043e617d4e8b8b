"""Days in the SQL of a model that no calendar has: one database refuses them, others compare texts and say nothing."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Final

from engine.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.members import Sql
    from engine.model.model import Cube

_DAY: Final = re.compile(r"'(\d{4})-(\d{2})-(\d{2})(?:[T ][^']*)?'")
_MONTHS: Final = 12


def day_issues(cube: Cube) -> Iterator[Issue]:
    """A warning for each text of SQL that has the form of a date and is none."""
    for member in cube.members():
        for sql in (getattr(member, "sql", None), *getattr(member, "filters", ())):
            if sql is not None:
                yield from _of(sql, member.full_name)


def _of(sql: Sql, name: str) -> Iterator[Issue]:
    for match in _DAY.finditer(sql.text):
        year, month, day = map(int, match.groups())
        named = f"{match[1]}-{match[2]}"
        if not (1 <= month <= _MONTHS and year):
            hint = "Months are 01 to 12, and the year stands before them."
        elif not 1 <= day <= (last := calendar.monthrange(year, month)[1]):
            hint = (
                f"{named} ends with {named}-{last}; for the whole month compare with < and the first day of the next."
            )
        else:
            continue
        message = f"The SQL of {name} has the date {match[0]}, which does not exist."
        yield Issue("W_DATE", message, place=sql.place, hint=hint, severity="warning")
