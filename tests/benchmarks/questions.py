"""Twelve typical questions to the TestIO model, each beside the best SQL that we could write for it by hand.

What is written by hand answers the same question of any rows: the rows of one customer in every table, and what belongs to
nothing that may be seen under null (`test_questions` has such rows). It groups by the fact's own keys and joins labels last,
limits the rows before it joins, and works a month out once a test. Where one database likes another form better than the
other one does, both are written, and what is measured is the faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SECURITY = {"customer_id": 1}
_TESTS = "tests.customer_id = 1 AND tests.status IN ('running', 'locked', 'archived')"
_WEIGHT = """CASE severity WHEN 'critical' THEN 5 WHEN 'high' THEN 3 WHEN 'low' THEN 1
             WHEN 'visual' THEN 1 WHEN 'content' THEN 1 ELSE 0 END"""
_ACCEPTED = "COUNT(CASE WHEN bugs.status IN ('accepted', 'auto_accepted') THEN 1 END)"
_MONTHS = {
    "sqlite": "STRFTIME('%Y-%m-01', tests.end_at)",
    "duckdb": "CAST(DATE_TRUNC('month', tests.end_at) AS DATE)",
}


@dataclass(frozen=True)
class Question:
    """A query, and SQL for it in SQLite's and DuckDB's common language, in one form or several."""

    name: str
    query: Mapping[str, Any]
    by_hand: tuple[str, ...]

    def forms(self, dialect: str) -> tuple[str, ...]:
        """The hand-written SQL, months written as the database does."""
        return tuple(form.replace("MONTH_OF_END", _MONTHS[dialect]) for form in self.by_hand)


def _bugs_of(tests: str) -> tuple[tuple[str, str], ...]:
    """What to read bugs from and on which condition, if they have to be of such tests."""
    return (
        ("bugs JOIN tests ON tests.id = bugs.test_id", tests),
        ("bugs", f"bugs.test_id IN (SELECT id FROM tests WHERE {tests})"),
    )


QUESTIONS = (
    Question(
        "bugs by severity",
        {"metrics": ["bug_count"], "dimensions": ["severity"]},
        (
            f"""SELECT severity, COUNT(*) AS n FROM bugs JOIN tests ON tests.id = bugs.test_id
                WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
            f"""SELECT severity, COUNT(*) AS n FROM bugs
                WHERE customer_id = 1 AND test_id IN (SELECT id FROM tests WHERE {_TESTS})
                GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "bugs by product and month",
        {"metrics": ["bug_count"], "dimensions": ["product", "month"]},
        (
            f"""SELECT p.id, p.title, month, SUM(n) FROM (
                  SELECT product_id, MONTH_OF_END AS month, SUM(n) AS n
                  FROM (SELECT test_id, COUNT(*) AS n FROM bugs
                        WHERE customer_id = 1 AND test_id IN (SELECT id FROM tests WHERE {_TESTS}) GROUP BY 1) AS b
                  JOIN tests ON tests.id = b.test_id GROUP BY 1, 2
                ) AS g LEFT JOIN products AS p ON p.id = g.product_id AND p.customer_id = 1
                GROUP BY 1, 2, 3 ORDER BY 3, 2, 1 LIMIT 1000""",
            f"""SELECT p.id, p.title, month, SUM(n) FROM (
                  SELECT product_id, MONTH_OF_END AS month, SUM(n) AS n
                  FROM (SELECT test_id, COUNT(*) AS n FROM bugs WHERE customer_id = 1 GROUP BY 1) AS b
                  JOIN tests ON tests.id = b.test_id WHERE {_TESTS} GROUP BY 1, 2
                ) AS g LEFT JOIN products AS p ON p.id = g.product_id AND p.customer_id = 1
                GROUP BY 1, 2, 3 ORDER BY 3, 2, 1 LIMIT 1000""",
            f"""SELECT p.id, p.title, month, SUM(n) FROM (
                  SELECT product_id, month, COUNT(*) AS n FROM bugs
                  JOIN (SELECT id, product_id, MONTH_OF_END AS month FROM tests WHERE {_TESTS}) AS t ON t.id = bugs.test_id
                  WHERE bugs.customer_id = 1 GROUP BY 1, 2
                ) AS g LEFT JOIN products AS p ON p.id = g.product_id AND p.customer_id = 1
                GROUP BY 1, 2, 3 ORDER BY 3, 2, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "bug density by month",
        {"metrics": ["bugs_per_test"], "dimensions": ["month"]},
        (
            f"""SELECT month, SUM(bugs) * 1.0 / COUNT(*) FROM (
                  SELECT MONTH_OF_END AS month, COALESCE(n, 0) AS bugs FROM tests
                  LEFT JOIN (SELECT test_id, COUNT(*) AS n FROM bugs WHERE customer_id = 1 GROUP BY 1) AS b
                  ON b.test_id = tests.id WHERE {_TESTS}
                ) AS t GROUP BY 1 ORDER BY 1 LIMIT 1000""",
            f"""WITH t AS (SELECT id, MONTH_OF_END AS month FROM tests WHERE {_TESTS})
                SELECT month, SUM(bugs) * 1.0 / SUM(tests) FROM (
                  SELECT month, COUNT(*) AS bugs, 0 AS tests FROM bugs JOIN t ON t.id = bugs.test_id
                  WHERE bugs.customer_id = 1 GROUP BY 1
                  UNION ALL SELECT month, 0, COUNT(*) FROM t GROUP BY 1
                ) AS facts GROUP BY 1 ORDER BY 1 LIMIT 1000""",
            f"""SELECT month, SUM(bugs) * 1.0 / SUM(tests) FROM (
                  SELECT MONTH_OF_END AS month, SUM(n) AS bugs, 0 AS tests
                  FROM (SELECT test_id, COUNT(*) AS n FROM bugs
                        WHERE customer_id = 1 AND test_id IN (SELECT id FROM tests WHERE {_TESTS}) GROUP BY 1) AS b
                  JOIN tests ON tests.id = b.test_id GROUP BY 1
                  UNION ALL SELECT MONTH_OF_END, 0, COUNT(*) FROM tests WHERE {_TESTS} GROUP BY 1
                ) AS facts GROUP BY 1 ORDER BY 1 LIMIT 1000""",
        ),
    ),
    Question(
        "tests by feature",
        {"metrics": ["test_count"], "dimensions": ["feature"]},
        (
            f"""SELECT f.id, f.title, n FROM (
                  SELECT f.id AS feature_id, COUNT(DISTINCT tests.id) AS n FROM tests
                  LEFT JOIN test_features AS tf ON tf.test_id = tests.id AND tf.customer_id = 1
                  LEFT JOIN features AS f ON f.id = tf.feature_id AND f.customer_id = 1
                  WHERE {_TESTS} GROUP BY 1
                ) AS g LEFT JOIN features AS f ON f.id = g.feature_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
            f"""SELECT f.id, f.title, n FROM (
                  SELECT CASE WHEN feature_id IN (SELECT id FROM features WHERE customer_id = 1) THEN feature_id END AS feature_id,
                    COUNT(DISTINCT tests.id) AS n
                  FROM tests LEFT JOIN test_features AS tf ON tf.test_id = tests.id AND tf.customer_id = 1
                  WHERE {_TESTS} GROUP BY 1
                ) AS g LEFT JOIN features AS f ON f.id = g.feature_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "critical bugs by feature, last quarter",
        {
            "metrics": ["bug_count"],
            "dimensions": ["feature"],
            "filters": {"severity": "critical"},
            "date_range": "last quarter",
        },
        tuple(
            f"""SELECT f.id, f.title, SUM(n) FROM (
                  SELECT feature_id, COUNT(*) AS n FROM {bugs}
                  LEFT JOIN test_features AS tf ON tf.id = bugs.test_feature_id AND tf.customer_id = 1
                  WHERE bugs.customer_id = 1 AND severity = 'critical' AND {tests} GROUP BY 1
                ) AS g LEFT JOIN features AS f ON f.id = g.feature_id AND f.customer_id = 1
                GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 1000"""
            for bugs, tests in _bugs_of(f"{_TESTS} AND end_at >= '2025-07-01' AND end_at < '2025-10-01'")
        ),
    ),
    Question(
        "top ten testers of a type of test",
        {"metrics": ["bug_count"], "dimensions": ["tester"], "filters": {"testing_type": "rapid"}, "limit": 10},
        tuple(
            f"""SELECT u.id, u.username, SUM(n) FROM (
                  SELECT reported_by_user_id, COUNT(*) AS n FROM {bugs}
                  WHERE bugs.customer_id = 1 AND {tests} GROUP BY 1
                ) AS g LEFT JOIN users AS u ON u.id = g.reported_by_user_id AND u.is_tester AND u.customer_id = 1
                GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 10"""
            for bugs, tests in _bugs_of(f"{_TESTS} AND testing_type = 'rapid'")
        ),
    ),
    Question(
        "active testers by month",
        {"metrics": ["active_testers"], "dimensions": ["month"]},
        (
            f"""SELECT MONTH_OF_END AS month, COUNT(DISTINCT reported_by_user_id) FROM bugs JOIN tests ON tests.id = bugs.test_id
                WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1 ORDER BY 1 LIMIT 1000""",
            f"""SELECT month, COUNT(DISTINCT reported_by_user_id) FROM bugs
                JOIN (SELECT id, MONTH_OF_END AS month FROM tests WHERE {_TESTS}) AS t ON t.id = bugs.test_id
                WHERE bugs.customer_id = 1 GROUP BY 1 ORDER BY 1 LIMIT 1000""",
            f"""WITH t AS MATERIALIZED (SELECT id, MONTH_OF_END AS month FROM tests WHERE {_TESTS})
                SELECT month, COUNT(DISTINCT reported_by_user_id) FROM bugs JOIN t ON t.id = bugs.test_id
                WHERE bugs.customer_id = 1 GROUP BY 1 ORDER BY 1 LIMIT 1000""",
        ),
    ),
    Question(
        "features tested by product",
        {"metrics": ["features_tested"], "dimensions": ["product"]},
        (
            f"""SELECT p.id, p.title, n FROM (
                  SELECT p.id AS product_id, COUNT(DISTINCT feature_id) AS n FROM test_features AS tf
                  JOIN tests ON tests.id = tf.test_id LEFT JOIN products AS p ON p.id = tests.product_id AND p.customer_id = 1
                  WHERE tf.customer_id = 1 AND {_TESTS} GROUP BY 1
                ) AS g LEFT JOIN products AS p ON p.id = g.product_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
            f"""SELECT p.id, p.title, COUNT(DISTINCT feature_id) FROM (
                  SELECT DISTINCT product_id, feature_id FROM test_features AS tf JOIN tests ON tests.id = tf.test_id
                  WHERE tf.customer_id = 1 AND {_TESTS}
                ) AS g LEFT JOIN products AS p ON p.id = g.product_id AND p.customer_id = 1
                GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "tests created and submitted by customer",
        {"metrics": ["tests_created", "tests_submitted"], "dimensions": ["customer"]},
        (
            """SELECT u.id, u.username, SUM(created), SUM(submitted) FROM (
                 SELECT created_by_user_id, COUNT(created_by_user_id) AS created, COUNT(submitted_by_user_id) AS submitted
                 FROM tests WHERE customer_id = 1 GROUP BY 1
               ) AS g LEFT JOIN users AS u ON u.id = g.created_by_user_id AND u.is_customer AND u.customer_id = 1
               GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "severity score by platform of the bug",
        {"metrics": ["bug_severity_score"], "dimensions": ["bug_platform"]},
        (
            f"""SELECT operating_system, SUM({_WEIGHT}) FROM (
                  SELECT DISTINCT bugs.id, severity, operating_system FROM bugs JOIN tests ON tests.id = bugs.test_id
                  LEFT JOIN bug_devices AS d ON d.bug_id = bugs.id AND d.customer_id = 1
                  WHERE bugs.customer_id = 1 AND {_TESTS}
                ) AS once GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
            f"""SELECT operating_system, SUM(weight) FROM (
                  SELECT bugs.id, operating_system, MIN({_WEIGHT}) AS weight FROM bugs JOIN tests ON tests.id = bugs.test_id
                  LEFT JOIN bug_devices AS d ON d.bug_id = bugs.id AND d.customer_id = 1
                  WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1, 2
                ) AS once GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "acceptance rate by product",
        {"metrics": ["overall_acceptance_rate"], "dimensions": ["product"]},
        (
            f"""SELECT p.id, p.title, SUM(a) * 1.0 / SUM(n) FROM (
                  SELECT product_id, {_ACCEPTED} AS a, COUNT(*) AS n
                  FROM bugs JOIN tests ON tests.id = bugs.test_id WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1
                ) AS g LEFT JOIN products AS p ON p.id = g.product_id AND p.customer_id = 1
                GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
        ),
    ),
    Question(
        "tests with a critical bug by type",
        {"metrics": ["test_count"], "dimensions": ["testing_type"], "filters": {"severity": "critical"}},
        (
            f"""SELECT testing_type, COUNT(*) FROM tests
                WHERE {_TESTS} AND id IN (SELECT test_id FROM bugs WHERE severity = 'critical' AND customer_id = 1)
                GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
        ),
    ),
)
