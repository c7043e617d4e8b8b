"""What callers mean by common forms that are not ours: each is put in our words, so that a correction keeps what was asked.

{"bug_count": {"gte": 20, "lte": 40}}   two conditions on bug_count
{"bug_count": ">= 20"}                  one
{"equals": {"severity": "high"}}        one on severity
by year, by reported_week               buckets of a time that the model shows under another name
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.model.granularity import PREDEFINED
from engine.model.operators import operator_named

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine import Model

Condition = dict[str, Any]

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_COMPARISON = re.compile(r"\s*(>=|<=|<>|!=|=|>|<)\s*(\S.*?)\s*")


def conditions_meant(member: str, written: Any) -> list[Condition]:
    """The conditions that a filter means which names its operator in another place; none if it does not.

    >>> conditions_meant("bug_count", {"gte": 20, "lt": 40})[1]
    {'member': 'bug_count', 'operator': 'lt', 'values': [40]}
    >>> conditions_meant("equals", {"severity": "high"}), conditions_meant("bug_count", "> 4")
    ([{'member': 'severity', 'operator': 'equals', 'values': ['high']}], [{'member': 'bug_count', 'operator': 'gt', 'values': [4]}])
    """
    if isinstance(written, str):
        match = _COMPARISON.fullmatch(written)
        return [_condition(member, match[1], _number(match[2]))] if match else []
    if not isinstance(written, Mapping):
        return []
    if isinstance(written.get("operator"), Mapping):
        return conditions_meant(member, written["operator"])
    if operator_named(member):
        return [_condition(str(name), member, value) for name, value in written.items()]
    named = [str(key) for key in written]
    return [_condition(member, key, written[key]) for key in named] if all(map(operator_named, named)) else []


def bucket_meant(name: str, dimensions: Collection[str]) -> tuple[str | None, str] | None:
    """The time dimension (None: the usual one) and the granularity that a dimension means which does not exist.

    >>> bucket_meant("year", ["end_at"]), bucket_meant("reported_week", ["reported_at"]), bucket_meant("mood", [])
    ((None, 'year'), ('reported_at', 'week'), None)
    """
    stem, _, granularity = name.lower().rpartition("_")
    if granularity not in PREDEFINED:
        return None
    if not stem:
        return None, granularity
    time = next((each for each in (f"{stem}_at", stem, f"{stem}_date", f"{stem}_time") if each in dimensions), None)
    return (time, granularity) if time else None


def time_of_bucket(name: str, model: Model) -> str | None:
    """The name of the time itself that a member of the default view shows in buckets."""
    view = model.default_view
    bucket = view.members.get(name) if view is not None else None
    if view is None or bucket is None or bucket.granularity is None:
        return None
    return next(
        (other for other, each in view.members.items() if each.target is bucket.target and not each.granularity), None
    )


def _condition(member: str, spelling: str, value: Any) -> Condition:
    operator = operator_named(spelling)
    assert operator is not None
    if operator.arity == "none":
        return {"member": member, "operator": operator.name}
    return {"member": member, "operator": operator.name, "values": value if isinstance(value, list) else [value]}


def _number(text: str) -> int | float | str:
    """A number as one, any other text without its quotes."""
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text.strip("'\"")
