"""What databases say no with, in the reader's words; each function is one kind of refusal.

E_DATABASE_URL          the URL cannot be read
E_DATABASE_MISSING      there is no such file or database
E_DATABASE_FOREIGN      the file is something else
E_DATABASE_LOCKED       somebody else holds it
E_DATABASE_UNREACHABLE  the server does not answer
E_DATABASE_REFUSED      anything else, in the database's words
E_DRIVER_MISSING        the Python package that talks to it is not installed
E_OVERFLOW              a number is greater than the database can hold
E_TABLE_MISSING         the database does not hold what the model reads
E_COLUMN_MISSING        the same, of a column
E_TIMEOUT               the statement took too long and was stopped
"""

from __future__ import annotations

from engine.errors import Issue, QueryTimeout

_SYNC = "Run `metric-cube sync` first, or name another database with `--database`."


def no_such_database(where: str) -> Issue:
    return Issue("E_DATABASE_MISSING", f"There is no database at {where}.", hint=_SYNC)


def not_readable(where: str, reason: str) -> Issue:
    hint = "Check that it is a file, and who may read it."
    return Issue("E_DATABASE_REFUSED", f"The database at {where} cannot be read: {_first_line(reason)}.", hint=hint)


def not_carried_over(where: str) -> Issue:
    message = f"The database at {where} cannot be read: {where}-wal holds changes to it, and their folder cannot be written to."
    hint = "Open it once where its folder can be written to, with that file beside it."
    return Issue("E_DATABASE_REFUSED", message, hint=hint)


def not_a_database(where: str, kind: str) -> Issue:
    hint = "Name another one with `--database`."
    return Issue("E_DATABASE_FOREIGN", f"The file at {where} is not a {kind} database.", hint=hint)


def locked(where: str) -> Issue:
    hint = "Another process is writing to it: try again when it is done."
    return Issue("E_DATABASE_LOCKED", f"The database at {where} is locked.", hint=hint)


def unreachable(where: str, reason: str) -> Issue:
    hint = "Check the address and the user, and that the server is running."
    return Issue(
        "E_DATABASE_UNREACHABLE", f"The database at {where} cannot be reached: {_first_line(reason)}.", hint=hint
    )


def no_such_table(name: str) -> Issue:
    return Issue("E_TABLE_MISSING", f'The database has no table "{name}".', hint=_SYNC)


def no_such_column(name: str) -> Issue:
    hint = "The model and the database are of different versions: run `metric-cube sync`, or correct the model."
    return Issue("E_COLUMN_MISSING", f'The database has no column "{name}".', hint=hint)


def read_only(reason: str) -> Issue:
    hint = "Queries only read: the database is open for reading."
    return Issue("E_DATABASE_REFUSED", f"The database refused to write: {_first_line(reason)}.", hint=hint)


def refused(reason: str) -> Issue:
    return Issue("E_DATABASE_REFUSED", f"The database refused the statement: {_first_line(reason)}.")


def overflow(reason: str) -> Issue:
    hint = (
        "Make the metric's SQL a fraction, as in `1.0 * amount`, for a rounded number, or ask for fewer rows at once."
    )
    return Issue("E_OVERFLOW", f"A number is greater than the database can hold: {_first_line(reason)}.", hint=hint)


def stopped() -> Issue:
    return Issue("E_DATABASE_REFUSED", "The statement was stopped in the database before it was done.")


def timed_out(seconds: float) -> QueryTimeout:
    message = f"The statement took longer than {seconds:g} s and was stopped."
    hint = "Ask for a shorter range of dates or fewer dimensions, or raise `limits.seconds` in the model."
    return QueryTimeout(Issue("E_TIMEOUT", message, hint=hint))


def _first_line(reason: str) -> str:
    """Drivers add a drawing of the statement, or a traceback, below."""
    return reason.strip().partition("\n")[0].rstrip(".!")
