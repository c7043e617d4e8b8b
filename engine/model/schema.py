"""Check the form of a model file against its JSON Schema, and tell every mistake in an analyst's words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import Issue, did_you_mean
from engine.model import unsupported, wording
from engine.model.shape import Shape, Shapes
from engine.spelling import near
from schemas import model_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.model.document import Document, Path


def schema_issues(document: Document) -> tuple[Issue, ...]:
    """Every mistake of form in a model file, in the order of the file; what has no effect is a warning."""
    check = _Check(document, _shapes())
    check.value("#", document.data, ())
    return tuple(
        sorted(check.issues, key=lambda issue: (issue.place.line, issue.place.column) if issue.place else (0, 0))
    )


_SEVERAL = 2
"""From how many properties on, none of which there is, something else is meant."""


@cache
def _shapes() -> Shapes:
    return Shapes(model_schema())


@cache
def _noticed(kind: str | None) -> frozenset[str]:
    """The properties of a kind that the tables of what is not run speak of."""
    tables = (unsupported.PROPERTIES, unsupported.VALUES, unsupported.WITHOUT_EFFECT)
    return frozenset(key[1] for table in tables for key in table if key[0] == kind)


class _Check:
    """Walks a document beside the shapes of the schema and collects the issues."""

    def __init__(self, document: Document, shapes: Shapes) -> None:
        self.document = document
        self.shapes = shapes
        self.issues: list[Issue] = []

    def value(self, pointer: str, data: Any, path: Path) -> None:
        shape = self.shapes[pointer]
        kind = type(data)
        if shape.types is not None and kind not in shape.types and not _is_whole(data, shape):
            self._wrong_type(shape, data, path)
        elif shape.one_of is not None and not _among(data, shape.one_of):
            self._not_one_of(shape, data, path)
        elif kind is str:
            self._text(shape, data, path)
        elif kind is dict:
            self._mapping(shape, data, path)
        elif kind is list and shape.items is not None:
            self._list(shape, shape.items, data, path)
        elif kind is int or kind is float:
            self._number(shape, data, path)

    def _text(self, shape: Shape, data: str, path: Path) -> None:
        if len(data) < shape.least_length:
            self._empty(path)
        elif shape.pattern is not None and not shape.pattern.search(data):
            message = f"{wording.quoted(data)} is no valid {wording.of(path)}."
            self._tell("E_INVALID_VALUE", message, path, hint=shape.pattern_message)

    def _number(self, shape: Shape, data: float, path: Path) -> None:
        too_small = (shape.least is not None and data < shape.least) or (
            shape.more_than is not None and data <= shape.more_than
        )
        if too_small or (shape.most is not None and data > shape.most):
            message = f"{wording.subject(path)} is {wording.bounds(shape)}, not {data}."
            self._tell("E_INVALID_VALUE", message, path)

    def _list(self, shape: Shape, items: str, data: list[Any], path: Path) -> None:
        if len(data) < shape.least_length:
            self._empty(path)
        for index, item in enumerate(data):
            self.value(items, item, (*path, index))

    def _mapping(self, shape: Shape, data: dict[str, Any], path: Path) -> None:
        if len(data) < shape.least_length:
            self._empty(path)
        if shape.properties is not None:
            if not self._refused(shape, data, path):
                self._properties(shape, shape.properties, data, path)
        elif shape.additional is not None:
            for key, value in data.items():
                self.value(shape.additional, value, (*path, key))

    def _properties(self, shape: Shape, properties: Mapping[str, str], data: dict[str, Any], path: Path) -> None:
        if len(data) >= _SEVERAL and shape.required and path and data.keys().isdisjoint(properties):
            self._something_else(shape, data, path)
            return
        meant = data
        for key, value in data.items():
            pointer = properties.get(key)
            if pointer is not None:
                self.value(pointer, value, (*path, key))
            else:
                # A misspelled property is one mistake, not also a missing one.
                meant = {**meant, **dict.fromkeys(self._unknown(shape, data, key, path)[:1], value)}
        for key in shape.required:
            if key not in meant:
                message = wording.lacks(shape, data, path, wording.quoted(key))
                hint = wording.one_of(self.shapes[properties[key]])
                self._tell("E_MISSING_PROPERTY", message, path, hint=f"Add it. {hint}" if hint else "Add it.")
        for rule in shape.rules:
            if not rule.holds(meant):
                self._tell("E_COMBINATION", rule.message, path)

    def _something_else(self, shape: Shape, data: dict[str, Any], path: Path) -> None:
        """Tell of a mapping that has nothing of what it should: one mistake, not one for each of its properties."""
        given = ", ".join(map(wording.quoted, data))
        hint = wording.listed(list(shape.properties or ()))
        self._tell("E_UNKNOWN_PROPERTY", wording.lacks(shape, data, path, f"properties {given}"), path, hint=hint)

    def _refused(self, shape: Shape, data: dict[str, Any], path: Path) -> bool:
        """Whether it is something that we do not run; the rest of it is then not worth checking."""
        refused = False
        kind = shape.kind or ""
        for key in _noticed(kind) & data.keys():
            value, at = data[key], (*path, key)
            if reason := unsupported.PROPERTIES.get((kind, key)):
                message = f"{wording.article(kind)} with {wording.quoted(key)} is not supported."
                self._tell("E_UNSUPPORTED", message, at, hint=reason, at_key=True)
                refused = True
            elif isinstance(value, str) and (reason := unsupported.VALUES.get((kind, key, value))):
                message = f"{wording.article(kind)} of {key} {wording.quoted(value)} is not supported."
                self._tell("E_UNSUPPORTED", message, at, hint=reason)
                refused = True
            elif reason := unsupported.WITHOUT_EFFECT.get((kind, key)):
                self._tell("W_NO_EFFECT", reason, at, at_key=True, severity="warning")
        return refused

    def _unknown(self, shape: Shape, data: dict[str, Any], key: str, path: Path) -> tuple[str, ...]:
        """Tell of a property that does not exist; the names that may be meant, nearest first."""
        properties = shape.properties or {}
        known = [name for name, pointer in properties.items() if not self.shapes[pointer].deprecated]
        others = [other.kind for other in self.shapes.every() if other.kind and key in (other.properties or ())]
        misplaced = wording.elsewhere(key, others)
        candidates = () if misplaced else near(key, known)
        hint = misplaced or did_you_mean(candidates) or wording.listed(known)
        message = wording.lacks(shape, data, path, f"property {wording.quoted(key)}")
        self._tell("E_UNKNOWN_PROPERTY", message, (*path, key), hint=hint, candidates=candidates, at_key=True)
        return candidates

    def _not_one_of(self, shape: Shape, data: Any, path: Path) -> None:
        candidates = (wording.meant(shape, data) or near(data, wording.choices(shape))) if isinstance(data, str) else ()
        message = f"{wording.quoted(data)} is no valid {wording.of(path)}."
        hint = " ".join(part for part in (did_you_mean(candidates), wording.one_of(shape)) if part)
        self._tell("E_INVALID_VALUE", message, path, hint=hint, candidates=candidates)

    def _wrong_type(self, shape: Shape, data: Any, path: Path) -> None:
        items = self.shapes[shape.items] if shape.items else None
        message, hint = wording.wrong_type(shape, items, data, path)
        self._tell("E_WRONG_TYPE", message, path, hint=hint, at_key=data is None)

    def _empty(self, path: Path) -> None:
        self._tell("E_INVALID_VALUE", f"{wording.subject(path)} is empty.", path, hint="Fill it, or remove it.")

    def _tell(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        hint: str | None = None,
        candidates: tuple[str, ...] = (),
        at_key: bool = False,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        place = self.document.place_of_key(path) if at_key else self.document.place(path)
        self.issues.append(Issue(code, message, place, hint=hint, candidates=candidates, severity=severity))


def _is_whole(data: Any, shape: Shape) -> bool:
    """Whether it is a whole number written as 3.0, which JSON Schema takes for an integer."""
    return isinstance(data, float) and data.is_integer() and shape.type_names == ("integer",)


def _among(data: Any, allowed: tuple[Any, ...]) -> bool:
    return any(data == one and isinstance(data, bool) == isinstance(one, bool) for one in allowed)
