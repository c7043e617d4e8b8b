"""Files that answers are written to: the ending of the name says in which form.

A file is written beside its place and then put there, so that what stood there before is replaced whole or not at all.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine import Result

_NEW: Final = 0o666
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def write(path: Path, data: bytes) -> None:
    """Put data into a file; raises OSError, and leaves then what was there."""
    place = path.resolve()
    if place.exists() and not place.is_file():
        # A pipe or a device cannot be replaced, only written to.
        place.write_bytes(data)
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        beside.chmod(place.stat().st_mode if place.exists() else _NEW & ~_umask())
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def checked(path: Path, forms: Mapping[str, object]) -> Path:
    """The path, if a file in one of these forms can be put there; raises ValueError with the reason why not."""
    form = form_of(path)
    endings = ", ".join(f".{each}" for each in forms)
    if form not in forms:
        raise ValueError(f"{path} ends in none of {endings}: the ending says what is written.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {path.parent} to write {path.name} into.")
    if not os.access(path.parent, os.W_OK):
        raise ValueError(f"The folder {path.parent} cannot be written to.")
    return path


def formulas_in(result: Result) -> int:
    """How many texts a spreadsheet would run as formulas, if it read them from a CSV file."""
    return sum(isinstance(value, str) and value.startswith(_FORMULAS) for row in result.rows for value in row)


def form_of(path: Path) -> str:
    """The form that the ending of a name asks for.

    >>> form_of(Path("bugs.XLSX"))
    'xlsx'
    """
    return path.suffix.removeprefix(".").lower()


def _umask() -> int:
    """What a new file is not allowed; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _csv(result: Result) -> bytes:
    from server.terminal.table import csv_of

    return csv_of(result).encode()


def _json(result: Result) -> bytes:
    return f"{json.dumps(result.as_dict(), ensure_ascii=False)}\n".encode()


def _parquet(result: Result) -> bytes:
    from server.export.parquet import parquet_of

    return parquet_of(result)


def _xlsx(result: Result) -> bytes:
    from server.export.workbook import workbook_of

    return workbook_of(result)


def check_packages(path: Path) -> None:
    """Raises EngineError if a package is missing that the form of a file needs: before the question is asked, not after."""
    form = form_of(path)
    if form == "parquet":
        from engine.execute.arrow import pyarrow

        pyarrow()
    elif form == "xlsx":
        from server.export.workbook import xlsxwriter

        xlsxwriter()
    elif form in PICTURES:
        from server.charts.picture import renderer

        renderer()


def _picture(form: str) -> Callable[[Result], bytes]:
    def drawn(result: Result) -> bytes:
        from server.charts.picture import picture_of
        from server.charts.rules import chart_of

        return picture_of(chart_of(result), form)

    return drawn


ROWS: Final[Mapping[str, Callable[[Result], bytes]]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
PICTURES: Final[Mapping[str, Callable[[Result], bytes]]] = {form: _picture(form) for form in ("png", "svg", "html")}
