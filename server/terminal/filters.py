"""The filters of the command line: `severity=critical`, `bug_count>5`, `feature in Login,Checkout`, `tester is null`."""

from __future__ import annotations

import csv
import re
from typing import Any

_SYMBOLS = re.compile(r"\s*([\w.]+)\s*(!=|<>|>=|<=|==|=|>|<)\s*(.*)", re.DOTALL)
_IN = re.compile(r"\s*([\w.]+)\s+(not\s+in|in)\s+(.+)", re.DOTALL | re.IGNORECASE)
_NULL = re.compile(r"\s*([\w.]+)\s+is\s+(not\s+)?(?:null|none|set)\s*", re.IGNORECASE)
_WORD = re.compile(r"\s*([\w.]+)\s+([A-Za-z_]+)(?:\s+(.+))?", re.DOTALL)

FORMS = "severity=critical, severity!=low, bug_count>5, feature in Login,Checkout, feature contains log, tester is null"


def parse_filter(text: str) -> dict[str, Any]:
    """One filter as a query takes it; values stay texts, the engine knows the member's type.

    Raises ValueError for what is no filter.

    >>> parse_filter("severity=critical")
    {'member': 'severity', 'operator': 'equals', 'values': ['critical']}
    >>> parse_filter('feature not in "Search, new", Login')
    {'member': 'feature', 'operator': 'notEquals', 'values': ['Search, new', 'Login']}
    >>> parse_filter("tester is not null"), parse_filter("feature startsWith Log")["operator"]
    ({'member': 'tester', 'operator': 'set'}, 'startsWith')
    """
    if match := _NULL.fullmatch(text):
        negated = bool(match[2]) != text.rstrip().lower().endswith("set")
        return {"member": match[1], "operator": "set" if negated else "notSet"}
    if match := _SYMBOLS.fullmatch(text):
        operator = {"=": "equals", "==": "equals", "!=": "notEquals", "<>": "notEquals"}.get(match[2], match[2])
        return {"member": match[1], "operator": operator, "values": [_unquoted(match[3].strip())]}
    if match := _IN.fullmatch(text):
        operator = "equals" if match[2].lower() == "in" else "notEquals"
        return {"member": match[1], "operator": operator, "values": _listed(match[3])}
    if match := _WORD.fullmatch(text):
        written: dict[str, Any] = {"member": match[1], "operator": match[2]}
        return written if match[3] is None else {**written, "values": _listed(match[3])}
    raise ValueError(f"{text!r} is no filter. Write one such as: {FORMS}.")


def _listed(text: str) -> list[str]:
    """The values of a list with commas between; one that holds a comma stands in double quotes."""
    return [value.strip() for value in next(csv.reader([text.strip()], skipinitialspace=True))]


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in {'"', "'"} else text
