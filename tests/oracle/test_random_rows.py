"""The evaluator against SQL written by hand, over random rows: tests, features and a bridge between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from tests.oracle.builders import Choices, Link, cube_of, joins_of, table_of
from tests.oracle.database import connect, fetch, fill
from tests.oracle.evaluator import evaluate
from tests.oracle.model import Model, Query
from tests.oracle.random_rows import random_rows
from tests.oracle.shapes import SHAPES
from tests.oracle.strategies import tapes

if TYPE_CHECKING:
    from tests.oracle.tape import Tape

SHAPE = next(shape for shape in SHAPES if "test_features" in shape.cubes)
LINKS = [Link(edge) for edge in SHAPE.edges]
SINGLE = dict.fromkeys(SHAPE.cubes, False)
MODEL = Model(
    tuple(table_of(table, SHAPE, SINGLE) for table in map(SHAPE.table, SHAPE.cubes)),
    tuple(
        cube_of(cube, SHAPE.table(cube), Choices(per="bugs"), joins_of(cube, LINKS, SINGLE, Choices()))
        for cube in SHAPE.cubes
    ),
)

QUESTIONS: dict[str, tuple[Query, str]] = {
    "through the bridge": (
        {"measures": ["tests.total", "tests.count"], "dimensions": ["features.id"]},
        """
        SELECT feature, SUM(amount), COUNT(*) FROM (
            SELECT DISTINCT f.id AS feature, t.id, t.amount
            FROM tests_table AS t
            LEFT JOIN test_features_table AS tf ON tf.tests_id = t.id
            LEFT JOIN features_table AS f ON f.id = tf.features_id
        ) GROUP BY feature
        """,
    ),
    "through bugs once, where features and testers are asked together": (
        {"measures": ["tests.total", "tests.count"], "dimensions": ["features.id", "testers.id"]},
        """
        SELECT feature, tester, SUM(amount), COUNT(*) FROM (
            SELECT DISTINCT f.id AS feature, u.id AS tester, t.id, t.amount
            FROM tests_table AS t
            LEFT JOIN bugs_table AS b ON b.tests_id = t.id
            LEFT JOIN test_features_table AS tf ON tf.id = b.test_features_id
            LEFT JOIN features_table AS f ON f.id = tf.features_id
            LEFT JOIN testers_table AS u ON u.id = b.testers_id
        ) GROUP BY feature, tester
        """,
    ),
    "filtered by what lies below": (
        {
            "measures": ["tests.total", "tests.count"],
            "dimensions": ["products.id"],
            "filters": [{"member": "platforms.label", "operator": "equals", "values": ["a", "b"]}],
        },
        """
        SELECT p.id, SUM(t.amount), COUNT(*)
        FROM tests_table AS t LEFT JOIN products_table AS p ON p.id = t.products_id
        WHERE EXISTS (SELECT 1 FROM platforms_table AS x WHERE x.tests_id = t.id AND x.label IN ('a', 'b'))
        GROUP BY p.id
        """,
    ),
    "two facts over one dimension": (
        {"measures": ["tests.per_other"], "dimensions": ["tests.label"]},
        """
        SELECT label, SUM(total) * 1.0 / NULLIF(SUM(bugs), 0) FROM (
            SELECT label, amount AS total, 0 AS bugs FROM tests_table
            UNION ALL
            SELECT t.label, NULL, 1 FROM bugs_table AS b LEFT JOIN tests_table AS t ON t.id = b.tests_id
        ) GROUP BY label
        """,
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=100, deadline=None)
@given(tape=tapes())
def test_the_evaluator_agrees_with_sql_written_by_hand(question: str, tape: Tape) -> None:
    data = random_rows(tape, SHAPE, LINKS, SINGLE)
    query, sql = QUESTIONS[question]
    connection = connect("sqlite")
    try:
        fill(connection, "sqlite", MODEL, data)
        expected = fetch(connection, sql)
    finally:
        connection.close()
    answered = [tuple(row.values()) for row in evaluate(MODEL, data, query)]
    assert sorted(map(repr, answered)) == sorted(map(repr, expected))
