"""Giving names a meaning: references in snippets become columns of instances, other members, or measures to be computed first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from engine.errors import Issue, did_you_mean
from engine.model.granularity import PREDEFINED
from engine.model.members import MARK, Dimension, Measure, Segment, Sql, instance_name, instance_path
from engine.model.rows import compared_with, is_alone
from engine.model.snippet import Reference, SnippetError, parse_snippet, parse_source
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.model.graph import JoinGraph
    from engine.model.members import Path
    from engine.model.nodes import Node
    from engine.model.snippet import Snippet

_FILTER_CALL = re.compile(r"FILTER_PARAMS\.(\w+)\.(\w+)\.filter\((.*)\)\Z", re.DOTALL)
_LAMBDA = re.compile(r"""lambda\s+(\w+)\s*,\s*(\w+)\s*:\s*f?(['"])(.*)\3\Z""", re.DOTALL)


LOWER_BOUND, UPPER_BOUND = "metric_cube_from", "metric_cube_to"
"""Names that stand for the ends of a date range in an analyst's function of them."""


class FilterParam(exp.Expression, exp.Condition):
    """A place in a cube's SQL where the query's filter on `member` goes; `this` is what stands for the member there.

    `bounds` holds the two names for which a date range's ends are put in, where the analyst wrote a function of them.
    """

    arg_types = {"this": True, "member": True, "bounds": False}  # noqa: RUF012 - sqlglot's own declaration form


class FilterGroup(exp.Expression, exp.Condition):
    """A place in a cube's SQL where the query's filters on several members go, with their and/or: FilterParams."""

    arg_types = {"expressions": True}  # noqa: RUF012 - sqlglot's own declaration form


class Aliases(Protocol):
    """The names that a snippet may use besides its owner's: those of the view that it stands in."""

    @property
    def view(self) -> str: ...

    def find(self, name: str) -> tuple[Dimension | Measure | Segment, Path | None] | None:
        """What has that name, with the path to it where that is chosen."""

    def names(self) -> Iterable[str]: ...

    def is_lost(self, name: str) -> bool:
        """Whether something of that name may have been meant to be there, and is wrong itself."""


class Names(Protocol):
    """What a binder asks of the model being built.

    `unread`: some of its files could not be read, so any cube may stand there. `unjoined`: a join leads to no cube, so any
    path may be missing for that.
    """

    graph: JoinGraph | None
    unread: bool
    unjoined: bool

    def cube_names(self) -> Iterable[str]: ...
    def member_names(self, cube: str) -> Iterable[str]: ...
    def member(self, cube: str, name: str) -> Dimension | Measure | Segment | None: ...
    def source(self, cube: str) -> exp.Expr | None: ...


@dataclass(slots=True)
class Bound:
    """What one snippet is: its expression, the measures it is computed from, and the dimension that is `alone` in it."""

    sql: Sql
    measures: dict[str, Measure] = field(default_factory=dict)
    has_columns: bool = False
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    alone: Dimension | None = None


class Binder:
    """Binds the snippets of one owner; mistakes go to `report`."""

    def __init__(self, names: Names, owner: str, dialect: str, report: Callable[[Issue], None]) -> None:
        self.names = names
        self.owner = owner
        self.dialect = dialect
        self.report = report

    def expression(self, node: Node, *, aliases: Aliases | None = None, staged: bool = False) -> Bound | None:
        """The expression in `node`, or None if it is wrong, which is then reported.

        `aliases` adds names to the owner's. In a `staged` one, dimensions stand for the groups of an earlier stage.
        """
        return self._bind(node, query=False, aliases=aliases, staged=staged)

    def source(self, node: Node) -> Bound | None:
        """The query in `node` that stands in a cube's place."""
        return self._bind(node, query=True)

    def _bind(self, node: Node, *, query: bool, aliases: Aliases | None = None, staged: bool = False) -> Bound | None:
        if not isinstance(node.data, str):
            return None
        try:
            snippet = (parse_source if query else parse_snippet)(node.data, self.dialect)
            binding = _Binding(self, snippet.references, aliases, node.data, staged=staged)
            tree = snippet.tree
            if query:
                binding.replace(tree, nested=True)
            else:
                holder = exp.Paren(this=tree)
                binding.replace(holder, nested=False)
                tree = holder.this
                tree.pop()
        except SnippetError as error:
            self.report(error.at(node.place_at(error.offset)))
            return None
        except _BrokenError:
            return None
        paths = tuple(sorted(binding.paths))
        for dimension, value in binding.strange:
            self._tell_strange(dimension, value, node)
        strict = is_strict(tree)
        sql = Sql(tree, paths, node.data, node.place, isinstance(tree, exp.Column), strict)
        return Bound(sql, binding.measures, binding.has_columns, binding.dimensions, binding.alone)

    def _tell_strange(self, dimension: Dimension, value: str, node: Node) -> None:
        """Warn of a comparison with what a dimension never is: it would never hold, and never be noticed."""
        meant = next((each.value for each in dimension.values if value in each.aliases), None)
        candidates = near(value, [each.value for each in dimension.values])
        hint = (
            f"In SQL, {value!r} is written as the value it stands for: {meant!r}."
            if meant
            else did_you_mean(candidates)
        )
        message = f"{dimension.full_name} is never {value!r}, by the `values` that it lists."
        place = node.place_at(max(node.data.find(f"'{value}'"), 0))
        self.report(
            Issue("W_VALUE_UNKNOWN", message, place=place, hint=hint, candidates=candidates, severity="warning")
        )

    def path_to(self, cube: str, reference: Reference, *, start: str | None = None) -> Path:
        """The path from the owner, or from `start`, to a cube that a reference names."""
        origin = start or self.owner
        if cube == origin:
            return (origin,)
        if cube not in self.names.cube_names():
            raise self.no_cube(cube, reference)
        graph = self.names.graph
        if graph is None or graph.step(origin, cube):
            return (origin, cube)
        ways = graph.up_paths(origin).get(cube, ())
        if len(ways) > 1:
            both = " and ".join(".".join(way) for way in ways[:2])
            message = f"{reference} can be reached by {both}: two paths of one length."
            raise SnippetError("E_AMBIGUOUS_PATH", message, reference.offset, "Write the path: {first.second.member}.")
        if not ways and self.names.unjoined:
            raise _BrokenError
        if not ways:
            message = f"{reference} stands in the cube {cube!r}, which {origin!r} does not reach by many-to-one joins."
            raise SnippetError("E_NO_PATH", message, reference.offset, "Declare the join, or write the whole path.")
        return ways[0]

    def no_cube(self, name: str, reference: Reference) -> Exception:
        """Why there is no such cube: it does not exist, or may stand in a file that could not be read."""
        return _BrokenError() if self.names.unread else _unknown("cube", name, self.names.cube_names(), reference)


class _BrokenError(Exception):
    """A reference to something that is wrong itself, which is told where it stands."""


class _Binding:
    """The replacing of marks in one tree."""

    def __init__(
        self,
        binder: Binder,
        references: dict[str, Reference],
        aliases: Aliases | None,
        text: str,
        *,
        staged: bool = False,
    ) -> None:
        self.binder = binder
        self.references = references
        self.aliases = aliases
        self.text = text
        self.paths: set[Path] = set()
        self.measures: dict[str, Measure] = {}
        self.has_columns = False
        self.staged = staged
        self.dimensions: dict[str, Dimension] = {}
        self.alone: Dimension | None = None
        self.strange: list[tuple[Dimension, str]] = []

    def replace(self, root: exp.Expr, *, nested: bool) -> None:
        """Replace every mark below `root`; `nested` columns without a table belong to a query of the analyst's own."""
        for child in list(root.iter_expressions()):
            if isinstance(child, exp.Column):
                self._column(child, nested=nested)
            elif isinstance(child, exp.Table) and self._mark(child.this):
                self._table(child)
            else:
                self.replace(child, nested=nested or isinstance(child, exp.Query))

    def _mark(self, identifier: exp.Expr | None) -> Reference | None:
        name = identifier.name if isinstance(identifier, exp.Identifier) else ""
        return self.references[name] if name.startswith(MARK) else None

    def _column(self, column: exp.Column, *, nested: bool) -> None:
        owner = self.binder.owner
        if table := self._mark(column.args.get("table")):
            if not table.parts or table.source:
                message = f"{table} stands where a cube does."
                raise SnippetError("E_SQL_REFERENCE", message, table.offset, "Write {CUBE}.column or {cube.member}.")
            parts = tuple(owner if part == "CUBE" else part for part in table.parts)
            self._place(column, self._walk(parts, table))
        elif reference := self._mark(column.this):
            self._member(column, reference)
        elif nested:
            return
        elif not column.table:
            self._place(column, (owner,))
        elif column.table == owner or column.table in self.binder.names.cube_names():
            self._place(column, self.binder.path_to(column.table, _literal(column.table, self.text)))
        else:
            raise self.binder.no_cube(column.table, _literal(column.table, self.text))

    def _walk(self, parts: tuple[str, ...], reference: Reference) -> Path:
        """The path that a chain of cube names means, each joined to the one before it."""
        path = self.binder.path_to(parts[0], reference)
        for part in parts[1:]:
            path = (*path[:-1], *self.binder.path_to(part, reference, start=path[-1]))
        return path

    def _place(self, column: exp.Column, path: Path) -> None:
        column.set("table", exp.Identifier(this=instance_name(path), quoted=False))
        self.paths.add(path)
        self.has_columns = True

    def _table(self, table: exp.Table) -> None:
        reference = self._mark(table.this)
        assert reference is not None
        if not reference.source:
            raise SnippetError(
                "E_SQL_REFERENCE", f"{reference} stands where a table does.", reference.offset, "Write {cube.sql()}."
            )
        source = self.binder.names.source(reference.parts[0])
        if source is None:
            raise self.binder.no_cube(reference.parts[0], reference)
        alias = table.args.get("alias") or exp.TableAlias(this=exp.Identifier(this=reference.parts[0], quoted=False))
        if isinstance(source, exp.Table):
            source.set("alias", alias)
            table.replace(source)
        else:
            table.replace(exp.Subquery(this=source, alias=alias))

    def _member(self, column: exp.Column, reference: Reference) -> None:
        if reference.call:
            column.replace(self._filters(reference))
            return
        member, path, granularity = self._find(reference)
        if isinstance(member, Measure):
            self.measures[member.full_name] = member
            column.set("this", exp.Identifier(this=member.full_name, quoted=True))
            return
        if self.staged and isinstance(member, Dimension):
            self.dimensions[member.full_name] = member
            column.set("this", exp.Identifier(this=member.full_name, quoted=True))
            return
        if isinstance(member, Dimension) and granularity is None:
            self.alone = member if is_alone(self.text) else None
            known = {each.value for each in member.values}
            self.strange += [(member, each) for each in compared_with(column) if known and each not in known]
        tree = relocated(member.sql.tree, member.cube, path)
        self.paths.update((*path, *each[1:]) for each in member.sql.paths)
        self.paths.add(path)
        self.has_columns = True
        if granularity is not None and granularity not in PREDEFINED:
            message = f"{reference} names a granularity of the model's own, which SQL cannot."
            hint = f"Use one of {', '.join(PREDEFINED)}, or ask for the granularity in the query."
            raise SnippetError("E_GRANULARITY", message, reference.offset, hint)
        if granularity:
            tree = exp.TimestampTrunc(this=tree, unit=exp.Var(this=granularity.upper()))
        column.replace(operand(tree))

    def _find(self, reference: Reference) -> tuple[Dimension | Measure | Segment, Path, str | None]:
        """The member meant, the path to its cube, and the granularity if the last part names one."""
        names, owner = self.binder.names, self.binder.owner
        parts = tuple(owner if part == "CUBE" else part for part in reference.parts)
        if len(parts) == 1:
            alias = self.aliases.find(parts[0]) if self.aliases else None
            found = alias[0] if alias is not None else names.member(owner, parts[0])
            if found is None:
                raise self._missing(owner, parts[0], reference)
            chosen = alias[1] if alias is not None and not isinstance(found, Measure) else None
            return found, chosen or self._path((found.cube,), found, reference), None
        for cut in (len(parts) - 1, len(parts) - 2):
            head, name, rest = parts[:cut], parts[cut], parts[cut + 1 :]
            own = not head or (cut == 0)
            cube = owner if own else head[-1]
            member = names.member(cube, name)
            granular = (
                isinstance(member, Dimension)
                and member.type == "time"
                and rest
                and (rest[0] in PREDEFINED or rest[0] in member.granularities)
            )
            if member is not None and (not rest or granular):
                path = (owner,) if own else self._path(head, member, reference)
                return member, path, rest[0] if rest else None
        if parts[-2] not in names.cube_names():
            before = names.member(parts[-3] if len(parts) > 2 else owner, parts[-2])
            if isinstance(before, Dimension):
                message = f"{before.full_name} has no granularity {parts[-1]!r}."
                raise SnippetError("E_GRANULARITY", message, reference.offset)
            raise self.binder.no_cube(parts[-2], reference)
        raise self._missing(parts[-2], parts[-1], reference)

    def _missing(self, cube: str, name: str, reference: Reference) -> Exception:
        """Why there is no such member: it does not exist, or it is wrong itself, which is told where it stands."""
        names, view = self.binder.names, self.aliases if len(reference.parts) == 1 else None
        if name in names.member_names(cube) or (view is not None and view.is_lost(name)):
            return _BrokenError()
        if view is not None:
            return _unknown("member", name, view.names(), reference, of=f"the view {view.view!r}")
        known = [*names.member_names(cube), *(names.cube_names() if len(reference.parts) == 1 else ())]
        return _unknown("member", name, known, reference, of=repr(cube))

    def _path(self, head: tuple[str, ...], member: Dimension | Measure | Segment, reference: Reference) -> Path:
        # A measure is computed from its own home, so no path to it has to exist in the snippet.
        return (member.cube,) if isinstance(member, Measure) else self._walk(head, reference)

    def _filters(self, reference: Reference) -> FilterParam | FilterGroup:
        """The condition that `FILTER_PARAMS.cube.member.filter(…)` or `FILTER_GROUP(…)` stands for."""
        call = reference.call or ""
        if call.startswith("FILTER_GROUP("):
            inner = [part for part in _split(call[len("FILTER_GROUP(") : -1]) if part]
            if not inner:
                hint = "Between the parentheses stand FILTER_PARAMS.cube.member.filter('column'), with commas between."
                raise SnippetError("E_FILTER_PARAMS", f"{reference} is not understood.", reference.offset, hint)
            return FilterGroup(expressions=[self._filter(part, reference) for part in inner])
        return self._filter(call, reference)

    def _filter(self, call: str, reference: Reference) -> FilterParam:
        match = _FILTER_CALL.match(call.strip())
        if not match:
            hint = "Write FILTER_PARAMS.cube.member.filter('column')."
            raise SnippetError("E_FILTER_PARAMS", f"{reference} is not understood.", reference.offset, hint)
        member, argument = f"{match[1]}.{match[2]}", match[3].strip()
        if form := _LAMBDA.match(argument):
            text = form[4].replace("{" + form[1] + "}", LOWER_BOUND).replace("{" + form[2] + "}", UPPER_BOUND)
            return FilterParam(this=self._argument(text, reference).tree, member=member, bounds=True)
        if len(argument) < 2 or argument[0] not in "'\"" or argument[-1] != argument[0]:
            hint = "Between the parentheses stands the column, in quotes."
            raise SnippetError("E_FILTER_PARAMS", f"{reference} is not understood.", reference.offset, hint)
        inner = self._argument(argument[1:-1], reference)
        holder = exp.Paren(this=inner.tree)
        part = _Binding(self.binder, inner.references, self.aliases, argument)
        part.replace(holder, nested=not inner.references)
        self.paths |= part.paths
        return FilterParam(this=holder.this.pop(), member=member)

    def _argument(self, text: str, reference: Reference) -> Snippet:
        """SQL between the parentheses; a mistake in it is told where the reference stands."""
        try:
            return parse_snippet(text, self.binder.dialect)
        except SnippetError as error:
            issue = error.issues[0]
            raise SnippetError(issue.code, issue.message, reference.offset, issue.hint) from error


_STRICT = (
    *(
        exp.Column,
        exp.Identifier,
        exp.Literal,
        exp.Paren,
        exp.Cast,
        exp.TryCast,
        exp.DataType,
        exp.Neg,
        exp.Not,
        exp.Var,
    ),
    *(
        exp.Add,
        exp.Sub,
        exp.Mul,
        exp.Div,
        exp.Mod,
        exp.DPipe,
        exp.EQ,
        exp.NEQ,
        exp.GT,
        exp.GTE,
        exp.LT,
        exp.LTE,
        exp.Like,
    ),
    *(exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Substring, exp.Extract),
    *(exp.TimestampTrunc, exp.DateTrunc, exp.AtTimeZone, exp.Interval),
)


def is_strict(tree: exp.Expr) -> bool:
    """Whether an expression is certainly null where the owner's row is missing, and with it all that is joined to it."""
    if isinstance(tree, exp.Column):
        return "@" not in tree.table
    nodes = list(tree.walk())
    columns = [node for node in nodes if isinstance(node, exp.Column)]
    return bool(columns) and all(isinstance(node, _STRICT) and "@" not in getattr(node, "table", "") for node in nodes)


_LOOSE = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Interval, exp.AtTimeZone)


def operand(tree: exp.Expr) -> exp.Expr:
    """The tree as it may stand beside any operator: in brackets, unless it holds together by itself."""
    loose = isinstance(tree, _LOOSE) and not isinstance(tree, exp.Paren | exp.Dot)
    return exp.Paren(this=tree) if loose else tree


def relocated(tree: exp.Expr, owner: str, path: Path) -> exp.Expr:
    """A copy of a member's tree, read from the owner's instance at `path` rather than from the owner itself."""
    copied = tree.copy()
    if path != (owner,):
        for column in copied.find_all(exp.Column):
            table = column.args.get("table")
            own = instance_path(table.name) if table is not None else None
            if table is not None and own is not None and own[0] == owner:
                table.set("this", instance_name((*path, *own[1:])))
    return copied


def _literal(name: str, text: str) -> Reference:
    """A name that the analyst wrote without braces, as a reference at its place."""
    return Reference((name,), max(text.find(name), 0))


def _unknown(
    kind: str, name: str, known: Iterable[str], reference: Reference, *, of: str | None = None
) -> SnippetError:
    if name in {"TABLE", "cube", "Cube"}:
        hint = "Write {CUBE} for the cube's own row."
        return SnippetError("E_NAME_NOT_FOUND", f"There is no {kind} {name!r}.", reference.offset, hint)
    candidates = near(name, known)
    where = f" in {of}" if of else ""
    code = "E_NAME_NOT_FOUND"
    return SnippetError(code, f"There is no {kind} {name!r}{where}.", reference.offset, did_you_mean(candidates))


def _split(text: str) -> list[str]:
    """The arguments of a call, at commas outside of brackets and quotes."""
    parts, depth, quote, current = [], 0, "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if letter == "," and depth == 0 and not quote:
            parts.append(current.strip())
            current = ""
        else:
            current += letter
    return [*parts, current.strip()]
