"""What the shell offers behind what has been typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine import load_model
from engine.query.dates import parse_range
from server.settings import SHIPPED_MODEL
from server.shell.vocabulary import DATES, Vocabulary, vocabulary_of


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The names of TestIO's model."""
    return vocabulary_of(load_model(SHIPPED_MODEL), {"customer_id": 1})


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("\\", ["\\d", "\\dv", "\\e", "\\sql", "\\chart", "\\o", "\\timing", "\\set", "\\unset", "\\?", "\\q"]),
        ("\\ch", ["\\chart"]),
        ("\\chart o", ["on", "off"]),
        ("\\d rejection_", ["rejection_rate", "rejection_reason"]),
        ("\\dv test", ["testing"]),
        ("\\set ti", ["timezone"]),
        ("\\set timezone Europe/Berl", ["Europe/Berlin"]),
        ("\\sql rejection_", ["rejection_rate"]),
        ("rejection_", ["rejection_rate"]),
        ("bug_count, rejection_", ["rejection_rate"]),
        ("bug_count b", ["by"]),
        ("bug_count by rejec", ["rejection_reason"]),
        ("bug_count by severity, rejec", ["rejection_reason"]),
        ("bug_count by severity w", ["where"]),
        ("bug_count where rejec", ["rejection_reason", "rejection_rate"]),
        ("bug_count where severity = c", ["critical", "content", "custom"]),
        ("bug_count where severity in low, c", ["critical", "content", "custom"]),
        ("bug_count where severity = low a", ["and"]),
        ("bug_count where severity = low and test_t", []),
        ("bug_count where severity = low and testing_t", ["testing_type"]),
        ("bug_count per q", ["quarter"]),
        ("bug_count by severity sort -bug_c", ["bug_count"]),
        ("bug_count by month during yes", ["yesterday"]),
        ("bug_count during last 3", ["last 30 days", "last 3 months"]),
        ("bug_count from year", ["year to date"]),
        ("bug_count from 2025-01-01 to tod", ["today"]),
        ("bug_count during last month so", ["sort"]),
        ("bug_count by severity; rejection_", ["rejection_rate"]),
        ("sel", ["SELECT"]),
        ("SELECT rejec", ["rejection_reason", "rejection_rate"]),
        ("SELECT sever", ["severity"]),
        ("SELECT severity, MEASURE(rejec", ["rejection_rate"]),
        ("SELECT severity FROM testin", ["testing"]),
        ("SELECT severity FROM testing wh", ["WHERE"]),
        ("SELECT severity FROM testing WHERE severity = 'c", ["critical", "content", "custom"]),
        ("SELECT severity FROM testing WHERE severity IN ('low', 'c", ["critical", "content", "custom"]),
        ("SELECT severity FROM testing GROUP BY sev", ["severity"]),
        ("SELECT severity FROM testing LIMIT sev", []),
    ],
)
def test_what_fits_is_offered(vocabulary: Vocabulary, text: str, offered: list[str]) -> None:
    assert [each.text for each in vocabulary.offers(text)] == offered


def test_an_offer_takes_the_place_of_the_word_so_far(vocabulary: Vocabulary) -> None:
    (offer,) = vocabulary.offers("bug_count by sev")
    assert (offer.text, offer.replaces, offer.what) == ("severity", 3, "How bad the bug is")


@pytest.mark.parametrize("phrase", DATES)
def test_every_date_that_is_offered_is_understood(phrase: str) -> None:
    start, end = parse_range(phrase, now=datetime(2026, 11, 23, 12, tzinfo=UTC), time_zone="UTC")
    assert start < end
