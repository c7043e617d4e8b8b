"""Views: which members of which cubes, under which names and by which paths; and members of a view's own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.errors import Issue, did_you_mean
from engine.model.conditions import conditions, freshness, policies
from engine.model.folders import folders_of
from engine.model.gaps import Lost
from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure
from engine.model.model import View, ViewMember
from engine.model.nodes import public
from engine.model.paths import bound_path, turn_of
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.builder import CubeBuilder
    from engine.model.extends import Raw
    from engine.model.members import Path
    from engine.model.model import Cube, Member
    from engine.model.nodes import Node


class ViewBuilder:
    """Builds one view over the cubes that are built already."""

    def __init__(self, raw: Raw, cubes: Mapping[str, Cube], builder: CubeBuilder) -> None:
        self.raw = raw
        self.cubes = cubes
        self.builder = builder
        self.report = builder.report
        self.members: dict[str, ViewMember] = {}
        self.split: dict[str, dict[str, ViewMember]] = {}
        self._roots: list[str] = []
        self._lost: set[str] = set()
        self._all_lost = False

    @property
    def lost(self) -> Lost:
        """What stands in the view as written, and is wrong itself."""
        return Lost(frozenset(self._lost), self._all_lost)

    def build(self) -> tuple[View, ...]:
        """The view, and one more for each of its cubes that is declared with `split`."""
        for node in self._cubes():
            self._included(node)
        self._time_axes()
        self._own()
        view = self._view(self.raw.name, self.members)
        return (view, *(self._view(f"{self.raw.name}_{cube}", members) for cube, members in self.split.items()))

    def _view(self, name: str, members: dict[str, ViewMember]) -> View:
        properties = self.raw.properties
        description, title, meta = (properties.get(key) for key in ("description", "title", "meta"))
        whole = name == self.raw.name
        default = properties.get("default_time_dimension") if whole else None
        if default is not None and not _is_time(members.get(str(default.data))) and str(default.data) not in self.lost:
            message = f"The view {name!r} has no time dimension {default.data!r}."
            self._missing(message, str(default.data), [key for key, each in members.items() if _is_time(each)], default)
        filters = properties.get("default_filters") if whole else None
        return View(
            name=name,
            place=self.raw.node.place,
            members=_with_keys(members),
            join_paths=tuple(self._join_paths()),
            default_filters=conditions(self.raw.node.items("default_filters")) if filters else (),
            default_time_dimension=str(default.data) if default else None,
            folders=folders_of(self._entries("folders"), _with_keys(members), self.report, self.lost) if whole else (),
            policies=policies(properties.get("access_policy")),
            freshness=freshness(properties.get("freshness")),
            title=str(title.data) if title else name.replace("_", " ").capitalize(),
            description=str(description.data) if description else None,
            public=public(self.raw.node, default=True),
            meta=meta.data if meta else None,
        )

    def _entries(self, key: str) -> tuple[Node, ...]:
        node = self.raw.properties.get(key)
        if node is None or not isinstance(node.data, list):
            return ()
        return tuple(type(node)(node.document, (*node.path, index), entry) for index, entry in enumerate(node.data))

    def _cubes(self) -> tuple[Node, ...]:
        return self._entries("cubes")

    def _path(self, node: Node) -> Path | None:
        """The cubes of a written path, each joined to the one before it; reported if they are not."""
        path = tuple(str(node.data).split("."))
        for name in path:
            if name not in self.cubes:
                if not self.builder.unread:
                    self._missing(f"There is no cube {name!r}.", name, self.cubes, node)
                return None
        graph = self.builder.graph
        for source, target in itertools.pairwise(path):
            if graph is not None and graph.step(source, target) is None:
                if self.builder.unjoined:
                    return None
                message = f"{source!r} and {target!r} are not joined, so {'.'.join(path)!r} leads nowhere."
                self.report(Issue("E_NO_PATH", message, place=node.place, hint=f"Declare the join in {source!r}."))
                return None
        steps = graph.along(path) if graph else ()
        directions = [step.direction for step in steps or ()]
        if "down" in directions and "up" in directions[: len(directions) - directions[::-1].index("down")]:
            peak, below = turn_of(steps or ()) or ("", "")
            message = (
                f"{'.'.join(path)!r} goes up to {peak!r} and down to {below!r}, to which of its rows cannot be said."
            )
            self.report(
                Issue("E_NO_PATH", message, place=node.place, hint="Start the path at the cube that is counted.")
            )
            return None
        return path

    def _join_paths(self) -> Iterable[Path]:
        for node in self._entries("join_paths"):
            if isinstance(node.data, str) and (path := self._path(node)):
                yield path

    def _included(self, node: Node) -> None:
        written = node.get("join_path")
        path = self._path(written) if written else None
        if path is None:
            self._lose(node, str(written.data).split(".")[-1] if written else "")
            return
        self._roots.append(path[0])
        cube = self.cubes[path[-1]]
        names = self._names(node, cube)
        prefix = (node.text("alias") or cube.name) + "_" if node.flag("prefix", default=False) else ""
        into = self.members
        if node.flag("split", default=False):
            into = self.split.setdefault(node.text("alias") or cube.name, {})
        for name, entry in names.items():
            member = self._selected(name, entry, cube, path, node)
            if member is not None:
                self._add(replace(member, name=prefix + member.name), into)
            else:
                self._lost.add(
                    prefix + ((entry.text("alias") if entry else None) or name.removeprefix(cube.name + "."))
                )
        if node.value("includes", "*") == "*":
            self._lost |= {prefix + name for name in self.builder.member_names(cube.name) if cube.member(name) is None}

    def _lose(self, node: Node, cube: str) -> None:
        """Remember what a cube of the view would have brought that cannot be found."""
        if node.value("includes", "*") == "*":
            self._all_lost = True
        prefix = (node.text("alias") or cube) + "_" if node.flag("prefix", default=False) else ""
        for entry in node.items("includes"):
            name = (
                (entry.text("alias") or entry.text("name") or "") if isinstance(entry.data, dict) else str(entry.data)
            )
            self._lost.add(prefix + name)

    def _names(self, node: Node, cube: Cube) -> dict[str, Node | None]:
        """The names that are included, each with the entry that says more of it."""
        excluded = set(node.texts("excludes"))
        for entry in node.items("excludes"):
            if cube.member(str(entry.data)) is None and str(entry.data) not in self.builder.member_names(cube.name):
                message = f"There is no member {entry.data!r} in the cube {cube.name!r} to exclude."
                self._missing(message, str(entry.data), _names(cube), entry)
        if node.value("includes", "*") == "*":
            return {member.name: None for member in cube.members() if member.name not in excluded}
        found: dict[str, Node | None] = {}
        for entry in node.items("includes"):
            included = entry.text("name") if isinstance(entry.data, dict) else str(entry.data)
            alias = entry.text("alias")
            if included is not None and included not in excluded:
                found[included if alias is None else f"{included} as {alias}"] = entry
        return found

    def _selected(self, name: str, entry: Node | None, cube: Cube, path: Path, node: Node) -> ViewMember | None:
        name = name.partition(" as ")[0]
        bare = name.removeprefix(cube.name + ".")
        member = cube.member(bare)
        key_of = _key_of(cube, bare) if member is None else None
        target = member or (key_of.key if key_of else None)
        if target is None:
            if bare not in self.builder.member_names(cube.name):
                self._missing(
                    f"There is no member {bare!r} in the cube {cube.name!r}.", bare, _names(cube), entry or node
                )
            return None
        more = entry if entry is not None and isinstance(entry.data, dict) else None
        granularity = more.text("granularity") if more else None
        if granularity and not (isinstance(target, Dimension) and target.type == "time"):
            message = f"{bare!r} is no time dimension, so it has no granularity."
            self.report(Issue("E_GRANULARITY", message, place=(entry or node).place))
            return None
        if granularity and isinstance(target, Dimension) and granularity not in {*PREDEFINED, *target.granularities}:
            known = [*PREDEFINED, *target.granularities]
            self._missing(f"There is no granularity {granularity!r}.", granularity, known, entry or node)
            return None
        return ViewMember(
            name=(more.text("alias") if more else None) or bare,
            target=target,
            place=(entry or node).place,
            path=path,
            granularity=granularity,
            title=(more.text("title") if more else None)
            or (target.title if not granularity else f"{granularity.capitalize()}"),
            description=(more.text("description") if more else None) or target.description,
            format=more.value("format", target_format(target)) if more else target_format(target),
            meta=more.value("meta", target.meta) if more else target.meta,
            public=target.public if more is None else public(more, default=target.public),
            is_key=key_of is not None,
        )

    def _add(self, member: ViewMember, into: dict[str, ViewMember]) -> None:
        other = into.get(member.name)
        if other is not None:
            message = f"The view {self.raw.name!r} has two members {member.name!r}; the other stands at {other.place}."
            hint = "Give one of them an alias, or set `prefix: true`."
            self.report(Issue("E_DUPLICATE_NAME", message, place=member.place, hint=hint))
        else:
            into[member.name] = member

    def _time_axes(self) -> None:
        """The view's time axis: one member that stands for a column of its own in each cube."""
        node = self.raw.properties.get("time")
        if node is None or not isinstance(node.data, dict):
            return
        axis: dict[str, Dimension] = {}
        for cube in node.data:
            entry = node.get(cube)
            found = self.cubes[cube].dimensions.get(str(node.data[cube])) if cube in self.cubes else None
            if found is None or found.type != "time" or entry is None:
                message = f"{cube}.{node.data[cube]} is no time dimension."
                self.report(Issue("E_NAME_NOT_FOUND", message, place=(entry or node).place))
            else:
                axis[cube] = found
        if axis:
            first = next(iter(axis.values()))
            self._add(
                ViewMember("time", first, node.place, axis=axis, title="Time", description=first.description),
                self.members,
            )
            for granularity in PREDEFINED:
                if granularity in {"day", "week", "month", "quarter", "year"} and granularity not in self.members:
                    title = granularity.capitalize()
                    self.members[granularity] = ViewMember(
                        granularity, first, node.place, granularity=granularity, axis=axis, title=title
                    )

    def _own(self) -> None:
        """Members declared in the view itself; they may name the view's other members."""
        if not self._roots:
            return
        root = self._roots[0]
        own: dict[str, Member | None] = {}
        known = _Names(self, root, tuple(self._join_paths()), own)
        binder = self.builder.binder(root)
        for name, node in self.raw.section("measures").items():
            measure = self.builder.measure(binder, name, node, known)
            own[name] = replace(measure, cube=self.raw.name) if measure and measure.derived else measure
            self._add_own(name, node, own[name])
        for name, node in self.raw.section("dimensions").items():
            own[name] = self.builder.dimension(binder, name, node, known)
            self._add_own(name, node, own[name])
        for name, node in self.raw.section("segments").items():
            own[name] = self.builder.segment(binder, name, node, known)
            self._add_own(name, node, own[name])

    def _add_own(self, name: str, node: Node, member: Member | None) -> None:
        if member is None:
            self._lost.add(name)
            return
        path = None if isinstance(member, Measure) else (member.cube,)
        self._add(
            ViewMember(
                name,
                member,
                node.place,
                path=path,
                title=member.title,
                description=member.description,
                format=target_format(member),
                meta=member.meta,
                public=member.public,
            ),
            self.members,
        )

    def _missing(self, message: str, name: str, known: Iterable[str], node: Node) -> None:
        hint = did_you_mean(near(name, known))
        self.report(Issue("E_NAME_NOT_FOUND", message, place=node.place, hint=hint))


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that SQL in a view may use: the view's members, by the ways that it takes to them."""

    builder: ViewBuilder
    root: str
    ways: tuple[Path, ...]
    own: Mapping[str, Member | None]

    @property
    def view(self) -> str:
        return self.builder.raw.name

    def find(self, name: str) -> tuple[Member, Path | None] | None:
        target = self.own.get(name)
        if target is not None:
            return target, None
        found = self.builder.members.get(name)
        return (found.target, bound_path(self.root, found.path, self.ways, found.target.cube)) if found else None

    def names(self) -> Iterable[str]:
        return [*self.builder.members, *self.own]

    def is_lost(self, name: str) -> bool:
        return name in self.builder.lost


def target_format(member: Member) -> Any:
    """How a member's values are shown, where it says so."""
    return None if not isinstance(member, Dimension | Measure) else member.format


def _with_keys(members: dict[str, ViewMember]) -> dict[str, ViewMember]:
    """The members, and beside each that has a key, the key as `<name>_id`."""
    found: dict[str, ViewMember] = dict(members)
    for member in members.values():
        target = member.target
        name = f"{member.name}_id"
        if isinstance(target, Dimension) and target.key is not None and not member.is_key and name not in found:
            found[name] = replace(
                member,
                name=name,
                target=target.key,
                is_key=True,
                title=f"{member.title} id",
                description=target.key.description,
            )
    return found


def _key_of(cube: Cube, name: str) -> Dimension | None:
    return next((d for d in cube.dimensions.values() if d.key is not None and f"{d.name}_id" == name), None)


def _is_time(member: ViewMember | None) -> bool:
    return member is not None and isinstance(member.target, Dimension) and member.target.type == "time"


def _names(cube: Cube) -> list[str]:
    return [member.name for member in cube.members()]
