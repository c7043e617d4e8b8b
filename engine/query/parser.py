"""From a mapping, in Cube's REST format or in the flat form, to a `Query`; every mistake of form at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from engine.errors import Issue, QueryError, did_you_mean
from engine.model.values import MOST_WHOLE, shortened
from engine.query.query import DateRange, Filter, FilterGroup, OrderKey, Query, TimeDimension
from engine.spelling import near

_CUBE_KEYS = frozenset(
    [
        "measures",
        "dimensions",
        "timeDimensions",
        "filters",
        "segments",
        "order",
        "limit",
        "offset",
        "total",
        "totals",
        "fill",
        "timezone",
        "ungrouped",
        "joinHints",
        "rowLimit",
        "renewQuery",
        "cache",
        "cacheMode",
        "responseFormat",
    ]
)
_FLAT_KEYS = frozenset(
    [
        "metrics",
        "dimensions",
        "filters",
        "start_date",
        "end_date",
        "sort_by",
        "sort_order",
        "limit",
        "offset",
        "time_dimension",
        "granularity",
        "segments",
        "compare",
        "fill",
        "total",
        "totals",
        "timezone",
        "time_zone",
        "join_hints",
        "date_range",
    ]
)
_MOST_DIGITS = 20
_FILTER_KEYS = frozenset({"member", "dimension", "operator", "values", "value", "or", "and"})
_TIME_KEYS = frozenset({"dimension", "granularity", "dateRange", "compareDateRange"})
_HINTS = {
    "metric": "metrics",
    "dimension": "dimensions",
    "group_by": "dimensions",
    "where": "filters",
    "order_by": "sort_by",
}
_REFUSED = {
    "subqueryJoins": (
        "joins with queries of one's own are not run: they could repeat rows, and numbers would be wrong",
        "Ask each part by itself, or declare the join, or a view with a `join_path`, in the model.",
    ),
    "maskedMembers": (
        "members are not masked here: a policy shows one or hides it",
        "Leave the member out; the model hides it by `member_level` in an `access_policy`.",
    ),
}
"""Keys of Cube's format that are not run: why, and what to do instead."""
_DIRECTIONS = {"asc": False, "ascending": False, "desc": True, "descending": True}


def parse_query(query: Mapping[str, Any], most_rows: int = MOST_WHOLE) -> Query:
    """The query that a mapping states; `most_rows` is what a message says that the limit can be, as the model has it.

    Raises QueryError with every mistake of form: unknown keys, wrong types, missing parts.
    """
    if not isinstance(query, Mapping):
        raise QueryError(
            Issue("E_QUERY", f"A query is an object, not {_kind(query)}.", hint='Write {"measures": ["…"]}.')
        )
    return _Parser(query, most_rows).parse()


class _Parser:
    def __init__(self, query: Mapping[str, Any], most_rows: int) -> None:
        self.query = query
        self.most_rows = most_rows
        self.issues: list[Issue] = []

    def parse(self) -> Query:
        flat = self._is_flat()
        self._known_keys(flat=flat)
        query = self._flat() if flat else self._cube()
        if (
            not (query.measures or query.dimensions or any(each.granularity for each in query.time_dimensions))
            and not self.issues
        ):
            self._wrong(
                "query",
                "A query names at least one metric or dimension.",
                'Write, for example, {"metrics": ["bug_count"]}.',
            )
        if self.issues:
            raise QueryError(self.issues)
        return query

    def _is_flat(self) -> bool:
        """Whether the query is in the flat form: it says so by a key, or by filters that are an object."""
        if self.query.keys() & {"measures", "timeDimensions"}:
            return False
        return bool(self.query.keys() & (_FLAT_KEYS - _CUBE_KEYS)) or isinstance(
            self.query.get("filters"), Mapping | str
        )

    def _known_keys(self, *, flat: bool) -> None:
        known = _FLAT_KEYS if flat else _CUBE_KEYS
        for key in self.query:
            if key in _REFUSED:
                reason, instead = _REFUSED[key]
                self.issues.append(Issue("E_UNSUPPORTED", f"{key!r}: {reason}.", member=key, hint=instead))
            elif key not in known:
                candidates = (_HINTS[key],) if key in _HINTS else near(str(key), known)
                hint = did_you_mean(candidates) or f"A query has {', '.join(sorted(known))}."
                self.issues.append(
                    Issue(
                        "E_UNKNOWN_KEY", f"A query has no {key!r}.", member=str(key), hint=hint, candidates=candidates
                    )
                )

    def _cube(self) -> Query:
        query = self.query
        return Query(
            measures=self._names("measures"),
            dimensions=self._names("dimensions"),
            time_dimensions=self._time_dimensions(query.get("timeDimensions")),
            filters=self._filters(query.get("filters"), "filters"),
            segments=self._names("segments"),
            order=self._order(query.get("order")),
            limit=self._count("limit") if query.get("limit") is not None else self._count("rowLimit"),
            offset=self._count("offset") or 0,
            time_zone=self._text("timezone"),
            total=self._flag("total"),
            totals=self._flag("totals"),
            fill=self._flag("fill"),
            ungrouped=self._flag("ungrouped"),
            join_hints=self._hints("joinHints"),
        )

    def _flat(self) -> Query:
        query = self.query
        order: tuple[OrderKey, ...] | None = None
        sort_by, sort_order = self._text("sort_by"), self._text("sort_order")
        descending = _DIRECTIONS.get(sort_order.lower()) if sort_order is not None else None
        if sort_order is not None and descending is None:
            self._wrong("sort_order", f"The order is asc or desc, not {sort_order!r}.")
        elif sort_by is not None:
            order = ((sort_by.removeprefix("-"), sort_by.startswith("-") or descending is not False),)
        return Query(
            measures=self._names("metrics"),
            dimensions=self._names("dimensions"),
            time_dimensions=self._flat_time(),
            filters=self._flat_filters(query.get("filters")),
            segments=self._names("segments"),
            order=order,
            descending=descending if order is None else None,
            limit=self._count("limit"),
            offset=self._count("offset") or 0,
            time_zone=self._text("timezone") or self._text("time_zone"),
            total=self._flag("total"),
            totals=self._flag("totals"),
            fill=self._flag("fill"),
            join_hints=self._hints("join_hints"),
            flat=True,
        )

    def _flat_time(self) -> tuple[TimeDimension, ...]:
        start, end, whole = self._text("start_date"), self._text("end_date"), self.query.get("date_range")
        dimension, granularity = self._text("time_dimension"), self._text("granularity")
        span = DateRange("ends", start, end) if start is not None or end is not None else None
        if whole is not None:
            if span is not None:
                self._wrong("date_range", "Give either date_range or start_date and end_date.")
            span = self._range(whole, "date_range")
        written = self.query.get("compare")
        compare = self._ranges(written, "compare") if written is not None else ()
        if span is None and dimension is None and granularity is None and not compare:
            return ()
        return (TimeDimension(dimension, granularity, span, compare),)

    def _time_dimensions(self, written: Any) -> tuple[TimeDimension, ...]:
        found = []
        for index, entry in enumerate(self._list(written, "timeDimensions")):
            where = f"timeDimensions[{index}]"
            if not isinstance(entry, Mapping):
                self._wrong(where, f"A time dimension is an object, not {_kind(entry)}.", 'Write {"dimension": "…"}.')
                continue
            self._only(entry, _TIME_KEYS, where)
            dimension, granularity = entry.get("dimension"), entry.get("granularity")
            if not isinstance(dimension, str):
                self._wrong(
                    where, "A time dimension names its dimension.", 'Write {"dimension": "…", "granularity": "month"}.'
                )
                continue
            if granularity is not None and not isinstance(granularity, str):
                self._wrong(f"{where}.granularity", "A granularity is a text, such as month.")
                continue
            span = entry.get("dateRange")
            compare = entry.get("compareDateRange")
            found.append(
                TimeDimension(
                    dimension,
                    granularity,
                    self._range(span, f"{where}.dateRange") if span is not None else None,
                    self._ranges(compare, f"{where}.compareDateRange") if compare is not None else (),
                )
            )
        return tuple(found)

    def _range(self, written: Any, where: str) -> DateRange | None:
        if isinstance(written, str):
            return DateRange("phrase", written)
        if isinstance(written, Sequence) and len(written) in {1, 2} and all(isinstance(each, str) for each in written):
            return DateRange("bounds", written[0], written[1]) if len(written) == 2 else DateRange("phrase", written[0])
        self._wrong(where, 'A date range is a phrase ("last month") or two dates (["2025-01-01", "2025-01-31"]).')
        return None

    def _ranges(self, written: Any, where: str) -> tuple[DateRange, ...]:
        ranges = [self._range(each, f"{where}[{index}]") for index, each in enumerate(self._list(written, where))]
        return tuple(each for each in ranges if each)

    def _filters(self, written: Any, where: str) -> tuple[Filter | FilterGroup, ...]:
        found = []
        for index, entry in enumerate(self._list(written, where)):
            part = self._filter(entry, f"{where}[{index}]")
            if part is not None:
                found.append(part)
        return tuple(found)

    def _filter(self, entry: Any, where: str) -> Filter | FilterGroup | None:
        if not isinstance(entry, Mapping):
            self._wrong(where, f"A filter is an object, not {_kind(entry)}.", _FILTER_FORM)
            return None
        self._only(entry, _FILTER_KEYS, where)
        if where.count("[") > _DEEPEST:
            self._wrong(where.partition("[")[0], f"Filters are nested more than {_DEEPEST} deep.", _FILTER_FORM)
            return None
        junctions: tuple[Literal["and", "or"], ...] = ("and", "or")
        for junction in junctions:
            if junction in entry:
                return FilterGroup(junction, self._filters(entry[junction], f"{where}.{junction}"), where)
        member = entry.get("member", entry.get("dimension"))
        operator = entry.get("operator", "equals")
        if not isinstance(member, str) or not isinstance(operator, str):
            self._wrong(where, "A filter names a member and an operator.", _FILTER_FORM)
            return None
        return Filter(member, operator, _values(entry.get("values", entry.get("value", ()))), where)

    def _flat_filters(self, written: Any) -> tuple[Filter | FilterGroup, ...]:
        if isinstance(written, str):
            written = _unquoted(written)
        if not isinstance(written, Mapping):
            return self._filters(written, "filters")
        if "member" in written or written.keys() & {"and", "or"}:
            return self._filters([written], "filters")
        found: list[Filter | FilterGroup] = []
        for member, value in written.items():
            where = f"filters.{member}"
            if isinstance(value, Mapping):
                self._only(value, _FILTER_KEYS - {"member", "dimension", "or", "and"}, where)
                operator = value.get("operator", "equals")
                found.append(
                    Filter(str(member), str(operator), _values(value.get("values", value.get("value", ()))), where)
                )
            else:
                found.append(Filter(str(member), "equals", _values(value) if value is not None else (None,), where))
        return tuple(found)

    def _order(self, written: Any) -> tuple[OrderKey, ...] | None:
        if written is None:
            return None
        pairs = list(written.items()) if isinstance(written, Mapping) else list(self._list(written, "order"))
        order = []
        for index, written_pair in enumerate(pairs):
            where = f"order[{index}]"
            pair = _order_pair(written_pair)
            if not isinstance(pair, Sequence) or len(pair) != 2 or not isinstance(pair[0], str):
                self._wrong(where, "An order is a member and asc or desc.", 'Write [["member", "desc"]].')
            elif str(pair[1]).lower() not in _DIRECTIONS:
                if str(pair[1]).lower() != "none":
                    self._wrong(where, f"The order is asc or desc, not {pair[1]!r}.")
            else:
                order.append((pair[0], _DIRECTIONS[str(pair[1]).lower()]))
        return tuple(order)

    def _names(self, key: str) -> tuple[str, ...]:
        names = []
        for index, name in enumerate(self._list(self.query.get(key), key)):
            if isinstance(name, str):
                names.append(name)
            else:
                self._wrong(f"{key}[{index}]", f"A name is a text, not {_kind(name)}.")
        return tuple(dict.fromkeys(names))

    def _hints(self, key: str) -> tuple[tuple[str, ...], ...]:
        hints = []
        for index, hint in enumerate(self._list(self.query.get(key), key)):
            if isinstance(hint, Sequence) and len(hint) > 1 and all(isinstance(cube, str) for cube in hint):
                hints.append(tuple(hint) if not isinstance(hint, str) else tuple(hint.split(".")))
            else:
                self._wrong(
                    f"{key}[{index}]",
                    "A join hint is a list of cubes, from the first to the last.",
                    'Write [["a", "b"]].',
                )
        return tuple(hints)

    def _count(self, key: str) -> int | None:
        found = self.query.get(key)
        if isinstance(found, str) and found.strip().isdecimal():
            found = int(found) if len(found) < _MOST_DIGITS else MOST_WHOLE + 1
        if found is None or (isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MOST_WHOLE):
            return found
        most = MOST_WHOLE if key == "offset" else self.most_rows
        self._wrong(key, f"{key} is a whole number from 0 to {most}, not {shortened(self.query[key])}.")
        return None

    def _text(self, key: str) -> str | None:
        found = self.query.get(key)
        if found is None or isinstance(found, str):
            return found or None
        self._wrong(key, f"{key} is a text, not {_kind(found)}.")
        return None

    def _flag(self, key: str) -> bool:
        found = self.query.get(key)
        if found is None or isinstance(found, bool):
            return bool(found)
        self._wrong(key, f"{key} is true or false, not {_kind(found)}.")
        return False

    def _list(self, written: Any, where: str) -> Sequence[Any]:
        if written is None:
            return ()
        if isinstance(written, str):
            written = _unquoted(written)
            return written if isinstance(written, list) else (written,)
        if isinstance(written, Sequence):
            return written
        self._wrong(where, f"{where} is a list, not {_kind(written)}.")
        return ()

    def _only(self, entry: Mapping[str, Any], known: frozenset[str], where: str) -> None:
        for key in entry:
            if key not in known:
                candidates = near(str(key), known)
                hint = did_you_mean(candidates) or f"Known are {', '.join(sorted(known))}."
                message = f"There is no {key!r} in {where}."
                self.issues.append(Issue("E_UNKNOWN_KEY", message, member=where, hint=hint, candidates=candidates))

    def _wrong(self, where: str, message: str, hint: str | None = None) -> None:
        self.issues.append(Issue("E_QUERY", message, member=where, hint=hint))


_DEEPEST = 32
_FILTER_FORM = 'Write {"member": "severity", "operator": "equals", "values": ["critical"]}.'


def _order_pair(written: Any) -> Any:
    """An order in the client's form ({"id", "desc"}), or a name alone, as a pair."""
    if isinstance(written, Mapping) and "id" in written:
        return (written["id"], "desc" if written.get("desc") else "asc")
    return (written, "asc") if isinstance(written, str) else written


def _values(written: Any) -> tuple[Any, ...]:
    if isinstance(written, str) and written.startswith("["):
        written = _unquoted(written)
    if isinstance(written, Sequence) and not isinstance(written, str):
        return tuple(written)
    return (written,)


def _unquoted(text: str) -> Any:
    """A list or object that came as a text of JSON; else the text."""
    if text[:1] not in {"[", "{"}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _kind(value: Any) -> str:
    names = {
        type(None): "null",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
