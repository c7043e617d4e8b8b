"""An answer as a Parquet file: typed columns, and in the file's metadata the account of how they were made."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import Result

KEY = b"metric-cube"
"""Under this key the metadata hold the answer as JSON, without its rows."""


def parquet_of(result: Result) -> bytes:
    """The bytes of the file; raises EngineError if pyarrow is not installed."""
    table = result.to_arrow()
    from pyarrow import parquet

    account = {name: part for name, part in result.as_dict().items() if name != "rows"}
    table = table.replace_schema_metadata({KEY: json.dumps(account, ensure_ascii=False).encode()})
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()
