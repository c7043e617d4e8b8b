"""Where the model, the data and the security values come from: options, then the environment, then a default.

METRIC_CUBE_MODEL      the folder or file of the model     --model
METRIC_CUBE_DATABASE   the URL or path of the database     --database
TESTIO_CUSTOMER_ID     whose rows may be seen              --security customer_id=…
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MODEL = "METRIC_CUBE_MODEL"
DATABASE = "METRIC_CUBE_DATABASE"
API_URL = "TESTIO_API_URL"
API_TOKEN = "TESTIO_API_TOKEN"  # noqa: S105  the name of the variable, not its value
CUSTOMER = "TESTIO_CUSTOMER_ID"

SHIPPED_MODEL = Path(__file__).resolve().parent.parent / "semantic"
"""The model that is installed beside this package."""

_HERE = Path("semantic")
_FILE = "metric-cube.sqlite"


def model_path(named: str | None) -> Path:
    """The model that was named, else the one in the working folder, else the one that is shipped."""
    if named:
        return Path(named)
    return _HERE if any(_HERE.rglob("*.y*ml")) else SHIPPED_MODEL


def database_url(named: str | None) -> str:
    """The URL or path of the database that was named, else of the file in the user's data folder."""
    return named or f"sqlite:///{data_folder(sys.platform, os.environ) / _FILE}"


def data_folder(platform: str, environment: Mapping[str, str]) -> Path:
    """Where programs of a user keep their data, by the habit of the platform.

    >>> data_folder("linux", {"XDG_DATA_HOME": "/data"}).as_posix()
    '/data/metric-cube'
    """
    if platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "metric-cube"


def may_have_token(environment: Mapping[str, str]) -> bool:
    """Whether a token of TestIO may be found: in the environment, or for its customer in a keyring that works.

    Cheap to ask, for whoever needs none; only `ingest` looks into the keyring.
    """
    if environment.get(API_TOKEN):
        return True
    if not environment.get(CUSTOMER) or importlib.util.find_spec("keyring") is None:
        return False
    import keyring

    return keyring.get_keyring().priority > 0


def security_values(pairs: Iterable[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """The values that access policies go by: `TESTIO_CUSTOMER_ID`, and each `name=value` over it.

    A value is read as JSON where it is some, so that numbers compare as numbers. Raises ValueError for a pair without `=`.

    >>> security_values(["region=eu"], {"TESTIO_CUSTOMER_ID": "7"})
    {'customer_id': 7, 'region': 'eu'}
    """
    values: dict[str, Any] = {}
    if environment.get(CUSTOMER):
        values["customer_id"] = _value(environment[CUSTOMER])
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"{pair!r} is not of the form name=value.")
        values[name.strip()] = _value(value.strip())
    return values


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
