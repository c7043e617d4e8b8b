"""Random queries to a model: most can be answered, some must be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle.builders import MOVING
from tests.oracle.model import Dimension, Measure, Segment
from tests.oracle.names import Reference, offered
from tests.oracle.paths import Graph
from tests.oracle.times import CUSTOM

if TYPE_CHECKING:
    from tests.oracle.model import Model, Query
    from tests.oracle.tape import Tape

GRANULARITIES = ("month", "day", "week", "quarter", "year", "hour")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC", "America/Havana", "Africa/Cairo", "Pacific/Apia")
"""Among them zones in which clocks change at midnight: some days have no first hour, and some have it twice."""
RANGES = (
    ("2025-01-01", "2025-01-05"),
    ("2024-12-30", "2025-03-31"),
    ("2024-02-29", "2024-12-31"),
    ("2024-12-31T23:59:59.000", "2025-04-01T00:00:00.000"),
)

COMPARED = (*RANGES, ("2024-12-25", "2024-12-31"), ("2024-10-02", "2024-12-31"))
WHOLE_RANGES = (("2025-01-01", "2025-03-31"), ("2024-10-01", "2025-06-30"), ("2024-01-01", "2024-03-31"))

_TEXTS = ("a", "b", "B", "é", "É", "_", "%", "big", "none", "'")
_NUMBERS = ("0", "1", "2", "-3", "10")
_TRUTHS = ("true", "false")
_SETS = ("set", "notSet")
_EQUALS = ("equals", "notEquals")
_LIKE = ("contains", "notContains", "startsWith", "notStartsWith", "endsWith", "notEndsWith")
_RELATIONS = ("gt", "gte", "lt", "lte")
_DATES = ("beforeDate", "afterDate", "beforeOrOnDate", "afterOrOnDate", "onTheDate")


def random_query(tape: Tape, model: Model) -> Query:
    """A query to the cubes or to one view, drawn so that it can mostly be answered."""
    if tape.once_in(12):
        return _ungrouped(tape, model)
    owner = tape.one_of((None, *(view.name for view in model.views)))
    members = list(offered(model, owner))
    home = tape.one_of(list(dict.fromkeys(m.owner for m in members if isinstance(m.member, Dimension))))
    graph = Graph(model)
    reached = {cube for cube in graph.cubes if any(map(graph.down_then_up, graph.all_paths((home,), cube)))}
    valid = not tape.once_in(10)
    query = _query(tape, [m for m in members if not valid or m.owner in reached or m.owner == owner])
    ways = [path for cube in reached - {home} for path in graph.all_paths((home,), cube) if graph.down_then_up(path)]
    return query | ({"joinHints": [list(tape.one_of(sorted(ways)))]} if ways and tape.once_in(8) else {})


def _query(tape: Tape, members: list[Reference]) -> Query:
    measures = [m for m in members if isinstance(m.member, Measure)]
    dimensions = [m for m in members if isinstance(m.member, Dimension)]
    segments = [m for m in members if isinstance(m.member, Segment)]
    times = [d for d in dimensions if d.dimension.type == "time"]
    still = [m for m in measures if m.member.name not in MOVING]
    moving = bool(times) and tape.once_in(5)
    asked = tape.some_of(measures if moving else still, 3)
    query: Query = {"measures": [m.name for m in asked]}
    if moving:
        time = tape.one_of(times)
        query["timeDimensions"] = [_moving_time(tape, time)]
        dimensions = [d for d in dimensions if d not in times]
        times = []
    if not asked:
        # Whether the steps inside a computed dimension count in the choice of the cube to list from is open (rule 2).
        dimensions = [d for d in dimensions if d.member.name not in ("above", "gap", "below", "below_total")]
    query["dimensions"] = [d.name for d in tape.some_of(dimensions, 2 if asked else 3)]
    if times and tape.once_in(12):
        query["dimensions"].append(f"{tape.one_of(times).name}.{tape.one_of(GRANULARITIES)}")
    if times and tape.once_in(3):
        query["timeDimensions"] = [_time_dimension(tape, tape.one_of(times))]
    buckets = [each for each in query.get("timeDimensions", ()) if "granularity" in each]
    if len(buckets) == 1 and query["dimensions"] == _plain(query["dimensions"]) and tape.once_in(5):
        query["fill"] = True
    filters = [random_filter(tape, dimensions) for _ in range(tape.one_of((0, 0, 0, 1, 1, 2)))] if dimensions else []
    numbers = [m for m in (asked or still) if m.member.name not in ("latest", "first_label")]
    if numbers and tape.once_in(6):
        parts = [_measure_filter(tape, numbers) for _ in range(tape.one_of((1, 1, 2)))]
        filters += [{tape.one_of(("or", "and")): parts}] if tape.once_in(2) else parts
    if filters:
        query["filters"] = filters
    if segments and tape.once_in(6):
        query["segments"] = [tape.one_of(segments).name]
    columns = [*query["dimensions"], *query["measures"]]
    if not columns and "granularity" not in (query.get("timeDimensions") or [{}])[0]:
        query["dimensions"] = columns = [tape.one_of(dimensions).name]
    if tape.once_in(5):
        query["timezone"] = tape.one_of(ZONES)
    query |= _cut(tape, [*columns, tape.one_of(still).name] if columns and still and tape.once_in(8) else columns)
    return query | _more(tape, query)


def _more(tape: Tape, query: Query) -> Query:
    """What an answer holds beside its rows, and other ranges beside its own."""
    found: Query = {}
    if tape.once_in(6):
        found["totals"] = True
    ranged = [each for each in query.get("timeDimensions", ()) if "dateRange" in each]
    hidden = {name for name, _ in query.get("order", ())} - {*query["measures"], *query["dimensions"]}
    if ranged and not hidden and tape.once_in(3):
        [entry] = ranged
        others = [list(tape.one_of(COMPARED)) for _ in range(tape.one_of((1, 2)))]
        alone = {name: part for name, part in entry.items() if name != "dateRange"}
        times = [
            alone | {"compareDateRange": [entry["dateRange"], *others]} if each is entry else each
            for each in query["timeDimensions"]
        ]
        found["timeDimensions"] = times
    elif tape.once_in(6):
        found["total"] = True
    return found


def _ungrouped(tape: Tape, model: Model) -> Query:
    """A question for the rows of one cube, mostly with what has one value for each of them."""
    graph = Graph(model)
    home = tape.one_of(model.cubes)
    above = [cube for cube in model.cubes if any(map(graph.only_up, graph.all_paths((home.name,), cube.name)))]
    members = list(offered(model, None))
    measures = [m for m in members if isinstance(m.member, Measure) and m.owner == home.name]
    plain = [m for m in measures if m.member.name not in MOVING and not (m.measure.grain or m.measure.non_additive)]
    names = [cube.name for cube in (model.cubes if tape.once_in(8) else above)]
    dimensions = [m for m in members if isinstance(m.member, Dimension) and m.owner in names]
    keys = [m.name for m in dimensions if m.owner == home.name and m.dimension.primary_key]
    asked = [m.name for m in tape.some_of(measures if tape.once_in(8) else plain, 3)] or [f"{home.name}.count"]
    shown = [m.name for m in tape.some_of(dimensions, 2)]
    query: Query = {"measures": asked, "dimensions": list(dict.fromkeys([*keys, *shown])), "ungrouped": True}
    if tape.once_in(3):
        query["filters"] = [random_filter(tape, dimensions)]
    if tape.once_in(12):
        query["filters"] = [*query.get("filters", ()), {"member": asked[0], "operator": "set"}]
    if asked and tape.once_in(6):
        query["segments"] = [f"{home.name}.{tape.one_of(home.segments).name}"]
    if tape.once_in(5):
        query["timezone"] = tape.one_of(ZONES)
    columns = [*query["dimensions"], *asked]
    # Rows that nothing identifies stand in no certain order.
    return query | (_cut(tape, columns) if keys and columns else {}) | ({"total": True} if tape.once_in(4) else {})


def _plain(names: list[str]) -> list[str]:
    """The names without a granularity."""
    return [name for name in names if name.count(".") == 1]


def _moving_time(tape: Tape, reference: Reference) -> dict[str, Any]:
    """A range in buckets, whole ones or not, a range that is one bucket, or the buckets of all rows."""
    granularity = tape.one_of(("month", "day", "quarter", None, "week", "year", *CUSTOM))
    found = {"dimension": reference.name, "dateRange": list(tape.one_of((*WHOLE_RANGES, *RANGES)))}
    if granularity is None:
        return found
    if tape.once_in(4):
        del found["dateRange"]
    return found | {"granularity": granularity}


def _time_dimension(tape: Tape, reference: Reference) -> dict[str, Any]:
    found: dict[str, Any] = {"dimension": reference.name}
    if tape.once_in(2):
        found["granularity"] = tape.one_of((*GRANULARITIES, *CUSTOM))
    if "granularity" not in found or tape.once_in(2):
        found["dateRange"] = list(tape.one_of(RANGES))
    return found


def random_filter(tape: Tape, dimensions: list[Reference], depth: int = 2) -> dict[str, Any]:
    """A condition on dimensions, perhaps of several parts."""
    if depth and tape.once_in(5):
        parts = [random_filter(tape, dimensions, depth - 1) for _ in range(tape.one_of((1, 2)))]
        return {tape.one_of(("or", "and")): parts}
    reference = tape.one_of(dimensions)
    found: dict[str, Any] = {"member": reference.name}
    kind = reference.dimension.type
    match kind:
        case "string":
            found["operator"] = tape.one_of((*_EQUALS, *_LIKE, *_SETS))
            found["values"] = _values(tape, _TEXTS)
        case "number":
            found["operator"] = tape.one_of((*_EQUALS, *_RELATIONS, *_SETS))
            found["values"] = _values(tape, _NUMBERS)
        case "boolean":
            found["operator"] = tape.one_of((*_EQUALS, *_SETS))
            found["values"] = [tape.one_of(_TRUTHS)]
        case "time":
            found["operator"] = tape.one_of(("inDateRange", "notInDateRange", *_DATES, *_SETS))
            found["values"] = list(tape.one_of(RANGES[:3]))
    if reference.dimension.key and tape.once_in(3):
        found = {"member": f"{reference.name}_id", "operator": tape.one_of(_EQUALS), "values": ["1"]}
    if found["operator"] in _EQUALS and tape.once_in(5):
        found["values"] = [None, *found["values"][: tape.one_of((0, 1))]]
    if found["operator"] in _SETS:
        del found["values"]
    elif found["operator"] in (*_RELATIONS, *_DATES):
        found["values"] = found["values"][:1]
    return found


def _values(tape: Tape, choices: tuple[str, ...]) -> list[str]:
    """One or two values."""
    return [tape.one_of(choices) for _ in range(tape.one_of((1, 2)))]


def _measure_filter(tape: Tape, measures: list[Reference]) -> dict[str, Any]:
    operator = tape.one_of((*_RELATIONS, *_EQUALS, *_SETS))
    values = {} if operator in _SETS else {"values": [tape.one_of(("0", "1", "2", "5"))]}
    return {"member": tape.one_of(measures).name, "operator": operator} | values


def _cut(tape: Tape, columns: list[str]) -> Query:
    """An order, a limit and an offset, or none of them."""
    found: Query = {}
    if columns and tape.once_in(3):
        some = {tape.one_of(columns): tape.one_of(("asc", "desc")) for _ in range(tape.one_of((1, 2)))}
        found["order"] = [list(pair) for pair in some.items()]
    if tape.once_in(4):
        found["limit"] = tape.one_of((1, 2, 3))
        found["offset"] = tape.one_of((0, 1, 2))
    return found
