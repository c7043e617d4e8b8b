"""A tree as text in one dialect, its parameters marked as the dialect's driver reads them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel

from engine.model.members import MARK
from engine.sql.nodes import number

if TYPE_CHECKING:
    from sqlglot.generator import Generator

    from engine.sql.dialects import SqlDialect

_MARKED: Final = re.compile(f"{MARK}(p[0-9]+){MARK}*")


def write(select: exp.Select, dialect: SqlDialect) -> tuple[str, tuple[str, ...]]:
    """The text of a statement, and the names of its parameters in the order in which they stand there.

    Raises sqlglot's errors for what the dialect cannot say. The tree is not to be used again.
    """
    if dialect.settings:
        said = [
            exp.EQ(this=exp.Var(this=name), expression=number(int(value))) for name, value in dialect.settings.items()
        ]
        select.set("settings", said)
    sql = _generator(dialect.name, dialect.parameter).generate(select, copy=False)
    names = tuple(match[1] for match in _MARKED.finditer(sql))
    if dialect.percent == "doubled" or (names and dialect.percent != "plain"):
        sql = sql.replace("%", "%%")
    return _MARKED.sub(lambda match: dialect.parameter.format(match[1]), sql), names


@lru_cache(maxsize=32)
def _generator(dialect: str, parameter: str) -> Generator:
    """A generator that leaves marks of ours for parameters, as long as what they become: sqlglot's are not always the driver's."""

    def marked(_: Generator, node: exp.Placeholder) -> str:
        return f"{MARK}{node.name}".ljust(len(parameter.format(node.name)), MARK)

    base = Dialect.get_or_raise(dialect).generator_class
    own = type(base.__name__, (base,), {"TRANSFORMS": {**base.TRANSFORMS, exp.Placeholder: marked}})
    generator: Generator = own(dialect=dialect, unsupported_level=ErrorLevel.RAISE, pretty=True)
    return generator
