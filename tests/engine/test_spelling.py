"""What may have been meant: slips, plurals and other people's ways of writing are found, and nothing is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import engine
from engine import Model, QueryError
from engine.model.members import Dimension, Measure
from engine.query.names import find
from engine.spelling import near
from server.settings import SHIPPED_MODEL

if TYPE_CHECKING:
    from pathlib import Path

MEANT = (
    ("metrics", "bug_cout", "bug_count"),
    ("metrics", "bug_cnt", "bug_count"),
    ("metrics", "bugCount", "bug_count"),
    ("metrics", "BugCount", "bug_count"),
    ("metrics", "bug count", "bug_count"),
    ("metrics", "bugs_count", "bug_count"),
    ("metrics", "bug_counts", "bug_count"),
    ("metrics", "bugs", "bug_count"),
    ("metrics", "number_of_bugs", "bug_count"),
    ("metrics", "nr_of_bugs", "bug_count"),
    ("metrics", "count_bugs", "bug_count"),
    ("metrics", "defects", "bug_count"),
    ("metrics", "critcal_bug_count", "critical_bug_count"),
    ("metrics", "critical_bugs", "critical_bug_count"),
    ("metrics", "active tester", "active_testers"),
    ("metrics", "active_tester", "active_testers"),
    ("metrics", "activeTesters", "active_testers"),
    ("metrics", "rejectionrate", "rejection_rate"),
    ("metrics", "reject_rate", "rejection_rate"),
    ("metrics", "acceptance_rate", "overall_acceptance_rate"),
    ("metrics", "bug_density", "bugs_per_test"),
    ("metrics", "density", "bugs_per_test"),
    ("metrics", "test_counts", "test_count"),
    ("metrics", "Bugs.count", "bugs.count"),
    ("metrics", "bug.count", "bugs.count"),
    ("metrics", "bugs.counts", "bugs.count"),
    ("metrics", "testing.bug_cout", "testing.bug_count"),
    ("metrics", "testng.bug_cout", "testing.bug_count"),
    ("metrics", "Orders.bug_count", "bug_count"),
    ("metrics", "tests.bug_count", "bug_count"),
    ("dimensions", "severty", "severity"),
    ("dimensions", "severitys", "severity"),
    ("dimensions", "severities", "severity"),
    ("dimensions", "Severity", "severity"),
    ("dimensions", "bugs.severty", "bugs.severity"),
    ("dimensions", "Bug.severty", "bugs.severity"),
    ("dimensions", "statuses", "status"),
    ("dimensions", "test_cycle", "test"),
    ("dimensions", "test_cycles", "test"),
    ("dimensions", "feature_nme", "feature"),
    ("dimensions", "feature_name", "feature"),
    ("dimensions", "featureName", "feature"),
    ("dimensions", "features", "feature"),
    ("dimensions", "product_name", "product"),
    ("dimensions", "tester_name", "tester"),
    ("dimensions", "platfrom", "platform"),
    ("dimensions", "enviroment", "test_environment"),
    ("dimensions", "custmer", "customer"),
    ("dimensions", "customers", "customer"),
    ("dimensions", "operating_system", "bug_platform"),
    ("dimensions", "moth", "month"),
    ("dimensions", "monht", "month"),
    ("dimensions", "monthly", "month"),
    ("dimensions", "weeks", "week"),
    ("dimensions", "end_date", "end_at"),
    ("dimensions", "reported_date", "reported_at"),
)
NONSENSE = (
    "xqzt_nonsense",
    "nonsense",
    "revenue",
    "weather",
    "amount",
    "banana",
    "conversion_rate",
    "country",
    "browser",
    "price",
    "device",
    "sum",
    "total",
    "foo",
    "x",
    "id",
    "my_metric",
    "unknown_metric",
    "asdfgh",
    "__init__",
    "",
    "…",
)


@pytest.fixture(scope="module")
def model() -> Model:
    return engine.load_model(SHIPPED_MODEL)


def _mistake(model: Model, place: str, name: str) -> engine.Issue:
    kind = Measure if place == "metrics" else Dimension
    with pytest.raises(QueryError) as caught:
        find(model, name, (kind,), place)
    return caught.value.issues[0]


@pytest.mark.parametrize(("place", "written", "meant"), MEANT)
def test_what_was_meant_is_offered_first(model: Model, place: str, written: str, meant: str) -> None:
    issue = _mistake(model, place, written)
    assert issue.candidates[:1] == (meant,)
    assert f'"{meant}"' in (issue.hint or "")


@pytest.mark.parametrize("place", ["metrics", "dimensions"])
@pytest.mark.parametrize("written", NONSENSE)
def test_nothing_is_offered_for_what_resembles_nothing(model: Model, place: str, written: str) -> None:
    issue = _mistake(model, place, written)
    assert issue.candidates == ()
    assert (issue.hint or "").startswith("Known are ")
    assert (issue.hint or "").endswith("; capabilities says what they are.")


def test_what_stands_in_the_wrong_place_is_told_where_it_belongs(model: Model) -> None:
    issue = _mistake(model, "dimensions", "bug_cout")
    assert issue.hint == 'Did you mean the metric "bug_count"? A metric stands among the metrics.'
    assert issue.candidates == ()
    issue = _mistake(model, "metrics", "platfrom")
    assert issue.hint == 'Did you mean the dimension "platform"? A dimension stands among the dimensions.'


def test_an_owner_that_resembles_nothing_is_told_which_there_are(model: Model) -> None:
    issue = _mistake(model, "metrics", "xqzt.nonsense")
    assert issue.message == "There is no cube or view 'xqzt'."
    assert (issue.hint or "").startswith("Cubes and views are bug_devices, bugs,")


def test_of_more_names_than_can_be_read_it_is_told_what_finds_them(tmp_path: Path) -> None:
    dimensions = "".join(f"      - {{name: field_{number}, sql: a, type: string}}\n" for number in range(60))
    text = f"cubes:\n  - name: wide\n    sql_table: wide\n    dimensions:\n{dimensions}"
    (tmp_path / "wide.yml").write_text(text, encoding="utf-8")
    issue = _mistake(engine.load_model(tmp_path), "dimensions", "wide.nonsense")
    assert issue.hint == "There are 60, and nothing like it: capabilities lists them, and finds them by a word."


@pytest.mark.parametrize(
    ("written", "valid", "meant"),
    [
        ("payed", ["paid", "open"], ("paid",)),
        ("idd", ["id", "name"], ("id",)),
        ("yl", ["yml", "yaml"], ("yml",)),
        ("vals", ["value", "values"], ("values", "value")),
        ("many_to_won", ["one_to_many", "many_to_one"], ("many_to_one",)),
        ("yearly", ["year", "quarter", "day"], ("year",)),
        ("Europe/Berln", ["Europe/Berlin", "Europe/Dublin"], ("Europe/Berlin",)),
        ("tset", ["test", "tests_created"], ("test",)),
        ("rest", ["test"], ()),
        ("rate", ["date", "end_date"], ()),
        ("production", ["product"], ("product",)),
        ("country", ["bug_count"], ()),
        ("COUNT(*) FROM bugs; DROP TABLE bugs", ["bug_count"], ()),
        ("anything", [], ()),
    ],
)
def test_words_are_near_by_their_letters(written: str, valid: list[str], meant: tuple[str, ...]) -> None:
    assert near(written, valid) == meant


def test_the_order_of_the_names_means_nothing() -> None:
    names = ["product", "product_id", "product_type", "platform"]
    assert near("prodct", names) == near("prodct", names[::-1])
    assert near("prodct", names, most=1) == ("product",)
