"""An answer as bytes: JSON, CSV, NDJSON or an Arrow stream, as `?format=` or the header `Accept` asks."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.exceptions import HTTPException

from engine.execute.arrow import pyarrow

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from engine import Result


class Format(NamedTuple):
    """A form of answers: its name, its media type, and what writes it."""

    name: str
    media_type: str
    write: Callable[[Result], bytes]
    has_account: bool = False
    needs: Callable[[], object] | None = None
    """Raises EngineError where a package is missing that writes it."""


def compact(data: Any) -> bytes:
    """Plain data as JSON in UTF-8, without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def write_json(result: Result) -> bytes:
    """The payload of every door (see `engine/execute/result.py`)."""
    return compact(result.as_dict())


def write_csv(result: Result) -> bytes:
    """One line of names, then the rows (RFC 4180); a null is an empty field, and an empty text stands in quotes."""
    text = io.StringIO(newline="")
    text.write(_line([column.member for column in result.columns]))
    for row in result.rows:
        text.write(_line(row))
    return text.getvalue().encode()


def _line(values: Any) -> str:
    return ",".join(map(_field, values)) + "\r\n"


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if isinstance(value, str) and (not text or any(letter in text for letter in ',"\r\n') or text != text.strip()):
        return '"' + text.replace('"', '""') + '"'
    return text


def write_ndjson(result: Result) -> bytes:
    """Each row as an object by the names of its columns, on a line of its own."""
    return b"".join(compact(row) + b"\n" for row in result.dicts())


def write_arrow(result: Result) -> bytes:
    """A stream of record batches in Arrow's IPC format; raises EngineError if pyarrow is not installed."""
    table, pa = result.to_arrow(), pyarrow()
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


FORMATS = (
    Format("json", "application/json", write_json, has_account=True),
    Format("csv", "text/csv; charset=utf-8; header=present", write_csv),
    Format("ndjson", "application/x-ndjson", write_ndjson),
    Format("arrow", "application/vnd.apache.arrow.stream", write_arrow, needs=pyarrow),
)
"""What an answer can be had as; the first unless the client says otherwise."""

_BY_NAME = {each.name: each for each in FORMATS}
_BY_TYPE = {each.media_type.partition(";")[0]: each for each in FORMATS}


def format_of(request: Request) -> Format:
    """The form that a client wants: by `?format=`, else by `Accept`; raises HTTPException 400 or 406 for one that is not there."""
    named = request.query_params.get("format") if request.scope["query_string"] else None
    if named is not None:
        if named not in _BY_NAME:
            raise HTTPException(400, f"There is no format {named!r}. It is one of {', '.join(_BY_NAME)}.")
        return _BY_NAME[named]
    accepted = request.headers.get("accept")
    return FORMATS[0] if accepted is None or accepted == "*/*" else _accepted(accepted)


def _accepted(header: str) -> Format:
    """The form of the highest weight (RFC 9110, section 12.5.1); of equal ones the more specific, then the first."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        media_type, *parameters = (each.strip() for each in part.split(";"))
        quality = next((each[2:] for each in parameters if each.lower().startswith("q=")), "1")
        try:
            weights[media_type.lower()] = min(1.0, max(0.0, float(quality)))
        except ValueError:
            weights[media_type.lower()] = 0.0
    best, best_weight = None, 0.0
    for media_type, each in _BY_TYPE.items():
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        weight = next((weights[name] for name in ranges if name in weights), 0.0)
        if weight > best_weight:
            best, best_weight = each, weight
    if best is None:
        raise HTTPException(406, f"There is no answer of the type {header!r}. There is {', '.join(_BY_TYPE)}.")
    return best
