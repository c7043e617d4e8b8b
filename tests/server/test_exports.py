"""`query --output` and `--chart`: files that hold the answer's values as what they are, and its account."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from pyarrow import parquet

from engine import EngineError
from engine.sql.statement import ResultColumn
from server.export.files import formulas_in, write
from server.export.parquet import KEY
from server.export.workbook import workbook_of
from tests.server.charts.answers import BUGS, END, FEATURE, FEATURE_ID, MONTH, RATE, answer

if TYPE_CHECKING:
    from tests.server.conftest import Run

ASKED = ("-m", "bug_count,rejection_rate", "-d", "feature,month", "--limit", "20")


def answered(run: Run) -> dict[str, Any]:
    """What the files have to hold."""
    found: dict[str, Any] = json.loads(run("query", *ASKED, "--format", "json").stdout)
    return found


def sheets(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_rows_are_written_as_csv_and_the_account_is_printed(run: Run) -> None:
    result = run("query", *ASKED, "--output", "bugs.csv")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.reader(io.StringIO(Path("bugs.csv").read_text())))
    assert [float(row[3]) for row in rows[1:]] == [row[3] for row in answered(run)["rows"]]
    assert "bugs.csv: 20 rows written." in result.stderr
    assert "Bugs and rejection rate by feature and month" in result.stdout
    assert "──" not in result.stdout


def test_json_is_the_whole_answer(run: Run) -> None:
    run("query", *ASKED, "--output", "bugs.json")
    written = json.loads(Path("bugs.json").read_text())
    assert written["rows"] == answered(run)["rows"]
    assert written["notes"]


def test_parquet_has_types_and_the_account(run: Run) -> None:
    run("query", *ASKED, "--output", "bugs.parquet")
    table = parquet.read_table("bugs.parquet")
    assert str(table.schema.field("month").type) == "date32[day]"
    assert table.column("bug_count").to_pylist() == [row[3] for row in answered(run)["rows"]]
    assert json.loads(table.schema.metadata[KEY])["explanation"].startswith("Bugs and rejection rate")


def test_a_workbook_has_real_dates_and_numbers_and_a_sheet_with_the_account(run: Run) -> None:
    result = run("query", *ASKED, "--output", "bugs.xlsx", "--totals")
    assert result.exit_code == 0, result.stderr
    book = openpyxl.load_workbook("bugs.xlsx")
    header, *rows, total = book["Rows"].iter_rows()
    assert [cell.value for cell in header][2:] == ["month", "bug_count (bugs)", "rejection_rate (share of bugs)"]
    wanted = [[*row[:2], row[2] and datetime.fromisoformat(row[2]), *row[3:]] for row in answered(run)["rows"]]
    assert [[cell.value for cell in row] for row in rows] == wanted
    assert [cell.number_format for cell in rows[0]][2:] == ["yyyy-mm", "General", "0.0%"]
    assert total[1].value == "Total"
    account = {row[0].value: row[1].value for row in book["Account"].iter_rows() if row[0].value}
    assert json.loads(account["Query"])["measures"] == ["bug_count", "rejection_rate"]
    assert "SELECT" in account["SQL"]
    assert {"Question", "Notes", "Rows", "Model", "Asked at"} <= set(account)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "'x", "http://x"])
def test_no_text_becomes_a_formula_or_a_link_in_a_workbook(text: str) -> None:
    cell = sheets(workbook_of(answer([FEATURE, BUGS], [[text, 1]])))["Rows"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_what_a_spreadsheet_would_run_from_csv_is_told(run: Run) -> None:
    result = answer([FEATURE, BUGS], [["=1+1", -1], ["-x", 2], ["Login", 3], [None, 4]])
    assert formulas_in(result) == 2


def test_a_workbook_keeps_what_its_cells_cannot_hold_as_text() -> None:
    moment = "2026-11-23T06:00:00+02:00"
    rows = [[12345678901234567890, "x" * 40_000, "1066-10-14", moment, None, None]]
    columns = [FEATURE_ID, FEATURE, MONTH, END, ResultColumn("known", "boolean", "dimension"), RATE]
    cells = sheets(workbook_of(answer(columns, rows)))["Rows"][2]
    assert [cell.value for cell in cells] == ["12345678901234567890", "x" * 32_767, "1066-10-14", moment, None, None]


def test_pictures_are_drawn_by_the_name_of_the_file(run: Run) -> None:
    result = run("query", *ASKED, "--chart", "bugs.SVG", "--output", "bugs.csv")
    assert result.exit_code == 0, result.stderr
    assert Path("bugs.SVG").read_text().startswith("<svg")
    assert "bugs.SVG: chart written." in result.stderr
    nothing = run("query", "-m", "bug_count", "-d", "severity", "-f", "feature=Nowhere", "--chart", "none.html")
    assert "none.html: There are no rows to draw." in nothing.stderr


@pytest.mark.parametrize(
    ("option", "name", "told"),
    [
        ("--output", "bugs.docx", "ends in none of .csv, .json, .parquet, .xlsx"),
        ("--output", "bugs", "ends in none of"),
        ("--chart", "bugs.gif", "ends in none of .png, .svg, .html"),
        ("--output", "nowhere/bugs.csv", "no folder nowhere"),
        ("--chart", "folder.svg", "is a folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    run: Run, option: str, name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("folder.svg").mkdir()
    monkeypatch.setenv("METRIC_CUBE_DATABASE", "nowhere.sqlite")
    result = run("query", *ASKED, option, name)
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_a_file_is_replaced_whole_keeps_its_rights_and_is_found_through_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "bugs.csv", tmp_path / "link.csv"
    file.write_text("before, and longer")
    file.chmod(0o600)
    link.symlink_to(file)
    write(link, b"after")
    assert (file.read_bytes(), file.stat().st_mode & 0o777, link.is_symlink()) == (b"after", 0o600, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bugs.csv", "link.csv"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bugs.csv"
    file.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write(file, b"after")
    assert file.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["bugs.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(pipe, b"rows")
    assert os.read(reader, 10) == b"rows"
    os.close(reader)
    assert pipe.is_fifo()


def test_without_the_package_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(EngineError, match="XlsxWriter") as error:
        workbook_of(answer([BUGS], [[1]]))
    assert error.value.issues[0].hint == 'Install it with: pip install "metric-cube[xlsx]"'


@pytest.mark.parametrize(
    ("package", "option", "file"),
    [("pyarrow", "--output", "a.parquet"), ("xlsxwriter", "--output", "a.xlsx"), ("vl_convert", "--chart", "a.svg")],
)
def test_a_package_that_is_missing_is_told_before_the_question_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str, option: str, file: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    database = str(tmp_path / "none.sqlite")
    told = run("query", "--metrics", "bug_count", "--database", database, option, str(tmp_path / file))
    assert told.exit_code != 0
    assert "pip install" in told.output, "not that there is no database"
