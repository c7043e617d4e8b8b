"""Every letter on stdout, whatever its encoding: those that it lacks are written as JSON escapes them."""

from __future__ import annotations

import codecs
import io
import sys

_ESCAPED = "metric_cube.escaped"


def write_every_letter() -> None:
    """Let no answer end in the middle for a letter that stdout cannot show."""
    codecs.register_error(_ESCAPED, escaped)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors=_ESCAPED)


def escaped(error: UnicodeError) -> tuple[str, int]:
    """The letters that could not be written, as JSON escapes them, and where to go on.

    >>> codecs.register_error("escaped", escaped)
    >>> "Zürich 😀".encode("ascii", "escaped")
    b'Z\\\\u00fcrich \\\\ud83d\\\\ude00'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    import json

    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def is_writable(text: str) -> bool:
    """Whether stdout can show a text as it is."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
