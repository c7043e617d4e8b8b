"""An answer as an Excel workbook: rows with real dates and numbers, and on a second sheet how they were made.

Texts are written as texts whatever they begin with, so that none is run as a formula.
"""

from __future__ import annotations

import importlib
import io
import json
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from engine import EngineError, Issue
from server.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine import Result
    from engine.sql.statement import ResultColumn

_LONGEST: Final = 32_767
"""Characters that a cell of Excel holds."""
_MOST_EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number; a longer one, such as an identifier, is written as text."""
_FIRST_YEAR: Final = 1900
_WIDEST: Final = 60
_DATES: Final = {
    "year": "yyyy",
    "month": "yyyy-mm",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "second": "yyyy-mm-dd hh:mm:ss",
}
_FORMAT: Final = re.compile(r"(percent|number|decimal|currency|accounting)(?:_([0-6]))?\Z")


def xlsxwriter() -> Any:
    """The package; raises EngineError if it is not installed."""
    try:
        return importlib.import_module("xlsxwriter")
    except ImportError as error:
        hint = 'Install it with: pip install "metric-cube[xlsx]"'
        raise EngineError(Issue("E_PACKAGE_MISSING", "Excel workbooks need XlsxWriter.", hint=hint)) from error


def workbook_of(result: Result) -> bytes:
    """The bytes of the workbook; raises EngineError if XlsxWriter is not installed."""
    file = io.BytesIO()
    with xlsxwriter().Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": result.account.explanation})
        _Rows(book, result).write(book.add_worksheet("Rows"))
        _write_account(book, book.add_worksheet("Account"), result)
    return file.getvalue()


class _Rows:
    """The first sheet: a header, a row for each of the answer, and the totals where they were asked for."""

    def __init__(self, book: Any, result: Result) -> None:
        self.result = result
        self.header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.formats = [_cell_format(book, column, top=False) for column in result.columns]
        self.totals = [_cell_format(book, column, top=True) for column in result.columns]

    def write(self, sheet: Any) -> None:
        columns, rows = self.result.columns, self.result.rows
        for index, column in enumerate(columns):
            sheet.write_string(0, index, _header(column), self.header)
            lengths = (len(label(column, row[index])) for row in rows[:1000])
            sheet.set_column(index, index, min(max([len(column.member), *lengths]) + 3, _WIDEST))
        for number, row in enumerate(rows, start=1):
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                _write(sheet, number, index, column, value, self.formats[index])
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        self._write_totals(sheet, len(rows) + 1)

    def _write_totals(self, sheet: Any, number: int) -> None:
        totals = self.result.totals
        if not totals:
            return
        named = next((each.member for each in self.result.columns if each.role in {"dimension", "time"}), None)
        for index, column in enumerate(self.result.columns):
            if column.member in totals:
                _write(sheet, number, index, column, totals[column.member], self.totals[index])
            else:
                sheet.write_string(number, index, "Total" if column.member == named else "", self.totals[index])


def _write(sheet: Any, row: int, index: int, column: ResultColumn, value: Any, form: Any) -> None:
    """A value as what it is; as text where Excel has nothing that holds it."""
    if value is None:
        sheet.write_blank(row, index, None, form)
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, index, value, form)
        return
    if isinstance(value, int | float) and abs(value) < _MOST_EXACT:
        sheet.write_number(row, index, value, form)
        return
    moment = _moment(value) if column.type in {"time", "date"} else None
    if moment is not None:
        sheet.write_datetime(row, index, moment, form)
        return
    sheet.write_string(row, index, str(value)[:_LONGEST], form)


def _moment(value: Any) -> date | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is not None or moment.year < _FIRST_YEAR else moment


def _header(column: ResultColumn) -> str:
    return f"{column.member} ({column.unit})" if column.unit and column.unit not in column.member else column.member


def _cell_format(book: Any, column: ResultColumn, *, top: bool) -> Any:
    properties: dict[str, Any] = {"bold": True, "top": 1} if top else {}
    if column.type in {"time", "date"}:
        properties["num_format"] = _DATES.get(column.granularity or column.type, _DATES[column.type])
        properties["align"] = "left"
    elif column.type == "number":
        properties["num_format"] = number_format(column.format, identifies=column.role == "key")
    return book.add_format(properties)


def number_format(form: Any, *, identifies: bool = False) -> str:
    """How Excel shows numbers of a measure's format.

    >>> number_format("percent"), number_format("number_2"), number_format(None), number_format(None, identifies=True)
    ('0.0%', '#,##0.00', 'General', '0')
    """
    match = _FORMAT.match(form) if isinstance(form, str) else None
    if identifies or form == "id":
        return "0"
    if match is None:
        return "General"
    kind, decimals = match[1], match[2]
    if kind == "percent":
        return f"0{_decimals(int(decimals or 1))}%"
    return f"#,##0{_decimals(int(decimals or (2 if kind != 'number' else 0)))}"


def _decimals(count: int) -> str:
    return f".{'0' * count}" if count else ""


def _write_account(book: Any, sheet: Any, result: Result) -> None:
    """The second sheet: what each part of the account is called, and what it says."""
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 110)
    for number, (name, text) in enumerate(_account(result)):
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, text[:_LONGEST], wrapped)


def _account(result: Result) -> Iterator[tuple[str, str]]:
    account = result.account
    yield "Question", account.explanation
    for index, note in enumerate(result.notes):
        yield "" if index else "Notes", note
    for index, column in enumerate(each for each in result.columns if each.description):
        yield "" if index else "Columns", f"{column.member}: {column.description}"
    shown, total = len(result.rows), result.total_rows
    yield "Rows", f"{shown} of {total}" if total is not None and total != shown else str(shown)
    yield from _named("Data as of", {name: _as_of(state) for name, state in account.freshness.items()})
    if account.model:
        yield "Model", " ".join(str(part) for part in account.model.values())
    if account.replay:
        yield "Asked at", str(account.replay["now"])
        yield "Query", json.dumps(account.replay["query"], ensure_ascii=False)
    if result.sql:
        yield "SQL", result.sql


def _named(title: str, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for index, (name, text) in enumerate(texts.items()):
        yield "" if index else title, f"{name}: {text}"


def _as_of(state: Any) -> str:
    return str(state.get("as_of") or "never") if isinstance(state, dict) else str(state)
