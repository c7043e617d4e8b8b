"""The model: cubes, views and settings, frozen, with every name resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from engine.model.members import Dimension, Measure, Segment, as_written, instance_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.errors import Issue, Place
    from engine.model.graph import JoinGraph
    from engine.model.members import Join, Path, Sql
    from engine.model.pre_aggregations import PreAggregation

Member = Dimension | Measure | Segment
MemberKind = Literal["dimension", "measure", "segment"]

KINDS: dict[type[Member], MemberKind] = {Dimension: "dimension", Measure: "measure", Segment: "segment"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may ask for at most; `dimensions` and `measures` of None are without limit.

    A server runs `running` queries at once, and lets `waiting` more wait for their turn.
    """

    dimensions: int | None = None
    measures: int | None = None
    rows: int = 50_000
    default_rows: int = 10_000
    seconds: float = 60.0
    running: int = 8
    waiting: int = 100


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a server keeps answers, in seconds, and in how much memory."""

    seconds: float = 300.0
    megabytes: float = 64.0


@dataclass(frozen=True, slots=True)
class Condition:
    """One declared filter, of a policy or of a view: nested `parts` under and/or, or a member with operator and values.

    `unless` are members whose filtering in a query lifts it. Values may be templates over the security values.
    """

    member: str | None = None
    operator: str | None = None
    values: tuple[Any, ...] = ()
    junction: Literal["and", "or"] | None = None
    parts: tuple[Condition, ...] = ()
    unless: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What one or several groups may see of a cube or view; `row_level` of None and `allow_all` both mean every row.

    `conditions` are tests of the asker's security values (`engine.model.askers`). `member_level`: it says which members may be
    seen, `includes` (None is all of them) less `excludes`; a policy that does not say so shows all.
    """

    groups: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    member_level: bool = False
    includes: tuple[str, ...] | None = None
    excludes: tuple[str, ...] = ()
    row_level: tuple[Condition, ...] | None = None
    allow_all: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old data may be, in seconds, and the column (`table.column`) that holds the time of the last sync."""

    seconds: float
    synced_at: str | None = None


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Dimensions to drill down through, coarsest first."""

    name: str
    levels: tuple[str, ...]
    title: str = ""
    public: bool = True
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """A table, or a query in its place, with its members.

    `hidden` are members that the asker may not see: nobody can name them, and what may be seen is computed from them all the same.
    """

    name: str
    place: Place
    table: tuple[str, ...] | None = None
    sql: Sql | None = None
    joins: Mapping[str, Join] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    pre_aggregations: tuple[PreAggregation, ...] = ()
    freshness: Freshness | None = None
    title: str = ""
    description: str | None = None
    public: bool = True
    meta: Any = None
    hidden: Mapping[str, Member] = field(default_factory=dict)

    @property
    def primary_key(self) -> tuple[Dimension, ...]:
        every = (*self.dimensions.values(), *self.hidden.values()) if self.hidden else self.dimensions.values()
        return tuple(d for d in every if isinstance(d, Dimension) and d.primary_key)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the cube's rows that make up its primary key, as written; none if one is computed, or there is no key."""
        own = instance_name((self.name,))
        columns = [each.sql.tree for each in self.primary_key if each.sql.is_column]
        names = tuple(as_written(column) for column in columns if column.args["table"].name == own)
        return names if len(names) == len(self.primary_key) else ()

    def declared(self, name: str) -> Member | None:
        """The member of that name, whether the asker may see it or not: for what the model itself refers to."""
        return self.member(name) or self.hidden.get(name)

    def member(self, name: str) -> Member | None:
        """The dimension, measure or segment of that name."""
        return self.dimensions.get(name) or self.measures.get(name) or self.segments.get(name)

    def members(self) -> Iterator[Member]:
        """Dimensions, then measures, then segments, each as declared."""
        yield from self.dimensions.values()
        yield from self.measures.values()
        yield from self.segments.values()


@dataclass(frozen=True, slots=True, eq=False)
class ViewMember:
    """A member as a view offers it: under a name of its own, perhaps by a chosen path or in buckets of time.

    `path` leads from the view's root cube to the member's. `axis`, for a time axis of the view, names the dimension that stands
    for it in each home cube.
    """

    name: str
    target: Member
    place: Place
    path: Path | None = None
    granularity: str | None = None
    axis: Mapping[str, Dimension] | None = None
    title: str = ""
    description: str | None = None
    format: Any = None
    meta: Any = None
    public: bool = True
    is_key: bool = False

    @property
    def kind(self) -> MemberKind:
        return KINDS[type(self.target)]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A selection of members for one subject, with the ways through the model chosen; `hidden` as in a cube."""

    name: str
    place: Place
    members: Mapping[str, ViewMember] = field(default_factory=dict)
    join_paths: tuple[Path, ...] = ()
    default_filters: tuple[Condition, ...] = ()
    default_time_dimension: str | None = None
    folders: tuple[tuple[str, tuple[str, ...]], ...] = ()
    policies: tuple[Policy, ...] = ()
    freshness: Freshness | None = None
    title: str = ""
    description: str | None = None
    public: bool = True
    meta: Any = None
    hidden: Mapping[str, ViewMember] = field(default_factory=dict)

    def member(self, name: str) -> ViewMember | None:
        return self.members.get(name)

    def declared(self, name: str) -> ViewMember:
        """The member of that name, whether the asker may see it or not: for what the model itself refers to."""
        return self.members.get(name) or self.hidden[name]


@dataclass(frozen=True, slots=True)
class Settings:
    """What `model.yml` says of the model as a whole."""

    name: str = "model"
    release: str = "0.0.0"
    time_zone: str = "UTC"
    default_view: str | None = None
    default_view_place: Place | None = None
    sql_dialect: str = "postgres"
    limits: Limits = field(default_factory=Limits)
    cache: Keeping = field(default_factory=Keeping)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All cubes and views of one model; `digest` identifies its content, `warnings` are what `check` would say besides errors.

    `hidden` are the full names of all members that the asker may not see; there are some in what `seen` makes of a model.
    """

    cubes: Mapping[str, Cube]
    views: Mapping[str, View]
    settings: Settings
    graph: JoinGraph
    digest: str
    warnings: tuple[Issue, ...] = ()
    hidden: frozenset[str] = frozenset()
    cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def default_view(self) -> View | None:
        return self.views.get(self.settings.default_view) if self.settings.default_view else None

    @property
    def owners(self) -> tuple[str, ...]:
        """The cubes and views whose members may be named: all but those of which the asker may see nothing."""
        cubes = (name for name, cube in self.cubes.items() if not cube.hidden or any(cube.members()))
        return (*cubes, *self.views)

    def is_hidden(self, member: Member) -> bool:
        """Whether the asker may not see a member."""
        return member.full_name in self.hidden
