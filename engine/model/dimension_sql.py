"""The expression of a dimension: plain SQL, a searched case, a pair of coordinates, or a measure looked up for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import Sql, instance_name, sub_query_step

if TYPE_CHECKING:
    from engine.model.binder import Aliases, Binder, Bound
    from engine.model.nodes import Node


def dimension_sql(binder: Binder, node: Node, aliases: Aliases | None) -> Bound | None:
    if sql := node.get("sql"):
        return binder.expression(sql, aliases=aliases)
    if case := node.get("case"):
        return _searched_case(binder, case)
    latitude, longitude = node.get("latitude"), node.get("longitude")
    parts = [part.get("sql") for part in (latitude, longitude) if part]
    bounds = [binder.expression(part) for part in parts if part]
    if len(bounds) == 2 and bounds[0] and bounds[1]:
        first, second = bounds[0], bounds[1]
        text = exp.DataType(this=exp.DType.TEXT)
        first.sql = Sql(
            exp.DPipe(
                this=exp.DPipe(
                    this=exp.Cast(this=first.sql.tree, to=text),
                    expression=exp.Literal(this=",", is_string=True),
                    safe=False,
                ),
                expression=exp.Cast(this=second.sql.tree, to=text.copy()),
                safe=False,
            ),
            tuple(sorted({*first.sql.paths, *second.sql.paths})),
            first.sql.text,
            first.sql.place,
        )
        return first
    return None


def read_sub_queries(bound: Bound, cube: str, *, filtered: bool) -> None:
    """Read each measure as the value of an instance of its own, joined to the owner's row."""
    holder = exp.Paren(this=bound.sql.tree)
    paths = set(bound.sql.paths)
    for column in list(holder.find_all(exp.Column)):
        if column.name in bound.measures and column.args.get("table") is None:
            path = (cube, sub_query_step(bound.measures[column.name], filtered=filtered))
            column.set("table", exp.Identifier(this=instance_name(path), quoted=False))
            column.set("this", exp.Identifier(this="value", quoted=False))
            paths.add(path)
    bound.sql = Sql(holder.this.pop(), tuple(sorted(paths)), bound.sql.text, bound.sql.place)
    bound.measures = {}


def _searched_case(binder: Binder, case: Node) -> Bound | None:
    """A dimension of labels: the first condition that holds gives the label."""
    ifs, bounds = [], []
    for entry in case.items("when"):
        condition = binder.expression(part) if (part := entry.get("sql")) else None
        label = _label(binder, entry)
        if condition is None or label is None:
            return None
        ifs.append(exp.If(this=condition.sql.tree, true=label[0]))
        bounds += [condition, *label[1]]
    default = _label(binder, otherwise) if (otherwise := case.get("else")) else None
    bounds += default[1] if default else []
    if not bounds:
        return None
    paths = tuple(sorted({path for each in bounds for path in each.sql.paths}))
    first = bounds[0]
    first.sql = Sql(exp.Case(ifs=ifs, default=default[0] if default else None), paths, first.sql.text, case.place)
    return first


def _label(binder: Binder, entry: Node) -> tuple[exp.Expr, list[Bound]] | None:
    label = entry.get("label")
    if label is None:
        return None
    if isinstance(label.data, dict):
        bound = binder.expression(part) if (part := label.get("sql")) else None
        return (bound.sql.tree, [bound]) if bound else None
    return exp.Literal(this=str(label.data), is_string=True), []


def is_date(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Cast) and tree.to.this == exp.DType.DATE
