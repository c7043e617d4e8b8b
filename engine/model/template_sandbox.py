"""A sandbox for templates that ends: every loop, call and value is paid for out of one budget.

Jinja's own sandbox keeps templates away from Python. It does not keep `{{ 9 ** 9 ** 9 }}`, a list doubled forty times or two nested
loops from taking all memory or time, so loops, calls, filters, operators, literals and output are counted here.
"""

from __future__ import annotations

import functools
import re
import time
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from engine.model.template_lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2 import BaseLoader
    from jinja2.runtime import Context

_MOST_STEPS = 500_000
_MOST_SECONDS = 20.0
_MOST_CHARACTERS = 5_000_000
_MOST_PARTS = 100_000
_MOST_BITS = 4_096
_WIDEST = 100
_WIDE_FILTERS = frozenset({"indent", "round", "tojson"})
# fmt: off
_FILTERS = frozenset({
    "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "indent", "int",
    "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
    "round", "safe", "select", "selectattr", "sort", "string", "sum", "title", "tojson", "trim", "unique", "upper", "wordcount",
})
_TEXT_METHODS = frozenset({
    "capitalize", "count", "endswith", "find", "format", "index", "isalnum", "isalpha", "isdecimal", "isdigit", "islower",
    "isnumeric", "isspace", "istitle", "isupper", "join", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
    "replace", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase",
    "title", "upper",
})
# fmt: on
_GLOBALS = ("range", "dict", "namespace", "cycler", "joiner")
_WIDE = re.compile(r"\d{4,}|\*|:[^{}]*\{")
"""A width in a format that is far too large, or that a value decides."""

_COMPILE_CONTEXT = (
    "COMPILE_CONTEXT is not run: one model serves all who ask, and access policies say who sees what of it."
)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one rendering, of the template `main` and of what it imports."""

    intercepted_binops = frozenset({"+", "-", "*", "**", "%"})

    def __init__(self, loader: BaseLoader, main: str) -> None:
        self.main = main
        self.steps = _MOST_STEPS
        self.characters = _MOST_CHARACTERS
        self.ends = time.monotonic() + _MOST_SECONDS
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=True,
            optimized=False,
            cache_size=0,
            extensions=[Lines, "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        self.globals = {name: self.globals[name] for name in _GLOBALS}
        self.filters = {name: self._paid_filter(name) for name in _FILTERS}
        self.filters |= {"paid_loop": self._paid_loop, "paid_output": self._paid_output, "paid_value": self._paid_value}

    def tick(self, cost: int = 1) -> None:
        """Pay for a step; refuses the template when its steps or its time are used up."""
        self.steps -= cost
        if self.steps < 0 or time.monotonic() > self.ends:
            raise SecurityError("The template takes too many steps.")

    def bounded(self, value: Any, times: int = 1) -> Any:
        """The value, unless it is too large to go on with, or to be written so many times."""
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise SecurityError("A number becomes too large.")
        if isinstance(value, str | list | tuple | dict | Namespace) and _size(value) * times > _MOST_CHARACTERS:
            raise SecurityError("A value becomes too large.")
        return value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, int | float) or (isinstance(obj, str) and attr not in _TEXT_METHODS):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _narrow(value.__self__)
        return wrapped

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.tick()
        for each in (*args, *kwargs.values()):
            self.bounded(each)
        method = getattr(function, "__wrapped__", function)
        owner, name = getattr(method, "__self__", None), getattr(method, "__name__", "")
        if isinstance(owner, str) and args and name == "join":
            args = (self._joinable(args[0], owner), *args[1:])
        elif isinstance(owner, str) and name == "replace":
            self._room_to_replace(owner, *args[:2])
        elif isinstance(owner, str) and name == "format":
            self.bounded([*args, *kwargs.values()], owner.count("{"))
        return self.bounded(super().call(context, function, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        self.tick()
        self.bounded(left), self.bounded(right)
        if operator == "%" and isinstance(left, str):
            _narrow(left)
            self.bounded([right], left.count("%"))
        elif operator == "*":
            self.bounded(left, right if isinstance(right, int) else 1)
            self.bounded(right, left if isinstance(left, int) else 1)
        elif operator == "**" and isinstance(left, int) and isinstance(right, int):
            self.bounded(1 << min(left.bit_length() * max(right, 0), 2 * _MOST_BITS))
        return self.bounded(super().call_binop(context, operator, left, right))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        self.tick(1 + len(source) // 100)
        tree = super()._parse(source, name, filename)
        for used in tree.find_all(nodes.Name):
            if used.name == "COMPILE_CONTEXT":
                raise TemplateSyntaxError(_COMPILE_CONTEXT, used.lineno, name, filename)
        _count(tree)
        return tree

    def _joinable(self, values: Iterable[Any], separator: Any) -> list[Any]:
        """The values as a list, an iterator read once, if they are short enough to be put together."""
        parts = list(values)
        self.bounded([separator], len(parts))
        found: list[Any] = self.bounded(parts)
        return found

    def _room_to_replace(self, text: Any, old: Any = "", new: Any = "", *_: Any) -> None:
        self.bounded(str(new), str(text).count(str(old)))

    def _paid_filter(self, name: str) -> Callable[..., Any]:
        """A filter that is paid for; what Jinja passes first to some is told apart by its mark, which is kept."""
        function = FILTERS[name]
        at = 1 if hasattr(function, "jinja_pass_arg") else 0

        @functools.wraps(function)
        def paid(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            passed, given = args[:at], args[at:]
            for each in (*given, *kwargs.values()):
                self.bounded(each)
            if name in _WIDE_FILTERS and any(_is_wide(each) for each in (*given[1:], *kwargs.values())):
                raise SecurityError(f"The filter {name!r} takes no width above {_WIDEST}.")
            if name == "replace":
                self._room_to_replace(*given)
            if name == "join" and given:
                given = (self._joinable(given[0], kwargs.get("d", given[1] if len(given) > 1 else "")), *given[1:])
            return self.bounded(function(*passed, *given, **kwargs))

        return paid

    @staticmethod
    @pass_context
    def _paid_loop(context: Context, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            context.environment.tick()  # type: ignore[attr-defined]
            yield value

    @staticmethod
    @pass_context
    def _paid_value(context: Context, value: Any) -> Any:
        return context.environment.bounded(value)  # type: ignore[attr-defined]

    @staticmethod
    @pass_context
    def _paid_output(context: Context, value: Any) -> Any:
        environment = context.environment
        assert isinstance(environment, Sandbox)
        if callable(value) and not isinstance(value, Undefined):
            raise SecurityError("A function is named and not called: write () behind it.")
        environment.characters -= _size(environment.bounded(value))
        if environment.characters < 0:
            raise SecurityError("The template writes too much.")
        return value


def _count(tree: nodes.Node) -> None:
    """Have loops, literals and output of a template paid for, wherever they stand in it."""
    for loop in tree.find_all(nodes.For):
        loop.iter = _filtered(loop.iter, "paid_loop")
    for output in list(tree.find_all(nodes.Output)):
        output.nodes = [
            _filtered(
                nodes.Const(each.data, lineno=each.lineno) if isinstance(each, nodes.TemplateData) else each,
                "paid_output",
            )
            for each in output.nodes
        ]
    _replace(tree)


def _replace(node: nodes.Node) -> None:
    """Replace literals and `~` below a node by what is paid for."""
    for child in node.iter_child_nodes():
        _replace(child)
    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, list):
            setattr(node, name, [_replaced(each) for each in value])
        else:
            setattr(node, name, _replaced(value))


def _replaced(node: Any) -> Any:
    if isinstance(node, nodes.Concat):
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "join")
    is_value = isinstance(node, nodes.List | nodes.Dict) or (isinstance(node, nodes.Tuple) and node.ctx == "load")
    return _filtered(node, "paid_value") if is_value else node


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _narrow(text: str) -> None:
    if _WIDE.search(text):
        raise SecurityError("A format is too wide.")


def _is_wide(value: Any) -> bool:
    return value > _WIDEST if isinstance(value, int) else isinstance(value, str) and len(value) > _WIDEST


def _size(value: Any) -> int:
    """How long a value is when written out; counting stops when it is too large."""
    total, waiting = 0, [value]
    parts = _MOST_PARTS
    while waiting and total <= _MOST_CHARACTERS:
        each = waiting.pop()
        parts -= 1
        if parts < 0:
            return _MOST_CHARACTERS + 1
        if isinstance(each, Namespace):
            each = object.__getattribute__(each, "_Namespace__attrs")
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list | tuple | set | frozenset):
            waiting += each
        else:
            total += len(each) if isinstance(each, str) else 20
    return total
