"""What the program says of itself while it serves: one line of JSON each, as the access log has."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: time, kind, logger, message, and the parts of the issue if it tells one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "kind": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (issue := getattr(record, "issue", None)) is not None:
            line["issue"] = issue
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_as_json() -> None:
    """Let every logger write JSON to stderr; of libraries only what they warn of."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("server").setLevel(logging.INFO)
    logging.getLogger("ingest").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").addFilter(_is_not_told)


def _is_not_told(record: logging.LogRecord) -> bool:
    """Whether uvicorn says something new: what escaped the application has been logged under the id of its request."""
    return not record.getMessage().startswith("Exception in ASGI application")
