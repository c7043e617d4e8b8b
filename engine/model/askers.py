"""Tests of who asks: the `conditions` of an access policy, parsed into a small tree and decided for given security values.

    { securityContext.is_manager }
    not securityContext.blocked and securityContext.country in ["DE", "AT"]

A test that looks at a value which was not given is neither true nor false, and what is not true opens nothing.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

SECURITY_VALUE = re.compile(
    r"\{?\s*(?:securityContext|security_context|userAttributes|user_attributes)\.(\w+(?:\.\w+)*)\s*\}?"
)
"""A security value, written as Cube does; the group is its path."""

_ROOTS = frozenset({"securityContext", "security_context", "userAttributes", "user_attributes"})
_WORDS = {"true": True, "false": False, "null": None}
_COMPARED: dict[type[ast.cmpop], Literal["==", "!=", "in", "not in"]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_LONGEST = 1_000


class ConditionError(ValueError):
    """A condition that is not of the form that is decided."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A node of a test: a security `path`, a constant `value`, or `parts` under an operator."""

    kind: Literal["path", "value", "list", "not", "and", "or", "==", "!=", "in", "not in"]
    path: tuple[str, ...] = ()
    value: Any = None
    parts: tuple[Asked, ...] = ()


@lru_cache(maxsize=1024)
def parse_test(text: str) -> Asked:
    """The tree of a condition; raises ConditionError with what is wrong in the reader's terms."""
    plain = text.strip()
    if plain.startswith("{") and plain.endswith("}"):
        plain = plain[1:-1].strip()
    if not plain or len(plain) > _LONGEST:
        raise ConditionError("is empty" if not plain else "is too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return _tree(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, ConditionError):
            raise
        raise ConditionError("is not understood") from error


def holds(text: str, security: Mapping[str, Any]) -> bool:
    """Whether a condition is true of these security values."""
    return bool(_decided(parse_test(text), security))


def security_value(security: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The security value at a path; None where there is none."""
    found: Any = security
    for part in path:
        found = found.get(part) if hasattr(found, "get") else None
    return found


def _tree(node: ast.expr) -> Asked:
    match node:
        case ast.Attribute():
            return Asked("path", path=_path(node))
        case ast.Constant(value=str() | bool() | int() | float() | None as value):
            return Asked("value", value=value)
        case ast.Name(id=name) if name in _WORDS:
            return Asked("value", value=_WORDS[name])
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return Asked("list", parts=tuple(map(_tree, items)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Asked("not", parts=(_tree(operand),))
        case ast.BoolOp(op=operator, values=values):
            return Asked("and" if isinstance(operator, ast.And) else "or", parts=tuple(map(_tree, values)))
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARED:
            return Asked(_COMPARED[type(operator)], parts=(_tree(left), _tree(right)))
    raise ConditionError(
        f"has {ast.unparse(node)!r}, which is no security value, no constant and no comparison of them"
    )


def _path(node: ast.expr) -> tuple[str, ...]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in _ROOTS:
        raise ConditionError("reads something other than securityContext")
    return tuple(reversed(parts))


def _decided(test: Asked, security: Mapping[str, Any]) -> Any:
    """The value of a test; None where it cannot be decided."""
    if test.kind in {"path", "value"}:
        return security_value(security, test.path) if test.kind == "path" else test.value
    found = [_decided(part, security) for part in test.parts]
    if test.kind == "list":
        return found
    if test.kind == "and":
        return None if None in found and all(each is None or each for each in found) else all(found)
    if test.kind == "or":
        return True if any(found) else None if None in found else False
    if test.kind == "not":
        return None if found[0] is None else not found[0]
    return _compared(test.kind, *found)


def _compared(kind: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if kind in {"==", "!="}:
        return bool(left == right) is (kind == "==")
    if not isinstance(right, list | tuple | set | frozenset):
        return None
    return (left in list(right)) is (kind == "in")
