"""What Cube knows and we do not run, refused by name with the reason; and what is accepted and changes nothing.

Keys are the kind of thing, as the schema titles it, the property, and for a value of a property that value.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Kind: TypeAlias = str
Property: TypeAlias = str

_SWITCH: Final = (
    "A dimension that chooses between expressions (`switch`) is not run. Declare a measure for each choice."
)
_LAMBDA: Final = (
    "Pre-aggregations joined from others or continued by the source are not used. Queries read the base tables."
)
_CALENDAR: Final = "Calendar cubes are not run. Declare `granularities` with an `origin` for fiscal years."
_MASKING: Final = (
    "Masked values are not run: a member can be seen or not. Leave it out by `member_level` of an access policy."
)
_STAGED: Final = (
    "Multi-stage dimensions are not run. For a measure of each row of a cube, declare a `sub_query` dimension there;"
    " for one of each group, a cube whose `sql` groups."
)

PROPERTIES: Final[dict[tuple[Kind, Property], str]] = {
    ("model file", "tests"): "Tests of a model are not read.",
    ("model file", "context_members"): "Members made from a context are not run. Declare them in the cube.",
    ("cube", "calendar"): _CALENDAR,
    ("dimension", "time_shift"): _CALENDAR,
    ("granularity", "sql"): _CALENDAR,
    ("time shift", "name"): _CALENDAR,
    ("case", "switch"): _SWITCH,
    ("measure", "case"): _SWITCH,
    ("dimension", "mask"): _MASKING,
    ("measure", "mask"): _MASKING,
    ("access policy", "member_masking"): _MASKING,
    ("dimension", "links"): 'Links of a dimension are not run. Give a dimension of its own the format "link".',
    ("dimension", "values_as_segments"): "Segments are not made from values. Declare each as a segment.",
    ("dimension", "multi_stage"): _STAGED,
    ("dimension", "add_group_by"): _STAGED,
    ("dimension", "filter"): _STAGED,
    ("pre-aggregation", "rollups"): _LAMBDA,
    ("pre-aggregation", "union_with_source_data"): _LAMBDA,
    ("pre-aggregation", "max_pre_aggregations"): _LAMBDA,
}

VALUES: Final[dict[tuple[Kind, Property, str], str]] = {
    ("dimension", "type", "switch"): _SWITCH,
    ("measure", "type", "number_agg"): "Aggregates written over other measures are not run. Use sum, avg, min or max.",
    ("measure", "type", "running_total"): "Use `rolling_window: {trailing: unbounded}` on a measure of type sum.",
    ("measure", "type", "runningTotal"): "Use `rolling_window: {trailing: unbounded}` on a measure of type sum.",
    ("pre-aggregation", "type", "auto_rollup"): "Rollups that Cube's cloud chooses by itself are not used.",
    ("pre-aggregation", "type", "rollup_join"): _LAMBDA,
    ("pre-aggregation", "type", "rollup_lambda"): _LAMBDA,
}

WITHOUT_EFFECT: Final[dict[tuple[Kind, Property], str]] = {
    ("cube", "pre_aggregations"): (
        "Pre-aggregations are neither built nor read: `explain` says which could answer a question, and why others could not."
    ),
    ("cube", "refresh_key"): "`refresh_key` is not used: how fresh data have to be is said by `freshness`.",
    ("cube", "rewrite_queries"): "`rewrite_queries` is not used: it steers Cube's older rollups.",
}
