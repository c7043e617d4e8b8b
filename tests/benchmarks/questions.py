"""Twelve typical questions to the TestIO model, each beside the best SQL that we could write for it by hand.

The hand-written SQL groups by the fact's own keys and joins labels last, limits the rows before it joins, and knows what the
engine is told: foreign keys that are enforced, and one customer's rows everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SECURITY = {"customer_id": 1}
_EXECUTED = "status IN ('running', 'locked', 'archived')"
_TESTS = f"tests.customer_id = 1 AND tests.{_EXECUTED}"


@dataclass(frozen=True)
class Question:
    """A query, and SQL for it in SQLite's and DuckDB's common language; `{month:x}` is the month of x."""

    name: str
    query: Mapping[str, Any]
    by_hand: str

    def sql(self, dialect: str) -> str:
        """The hand-written SQL, months written as the database does."""
        month = (
            "STRFTIME('%Y-%m-01', tests.end_at)"
            if dialect == "sqlite"
            else "CAST(DATE_TRUNC('month', tests.end_at) AS DATE)"
        )
        return self.by_hand.replace("MONTH_OF_END", month)


QUESTIONS = (
    Question(
        "bugs by severity",
        {"metrics": ["bug_count"], "dimensions": ["severity"]},
        f"""SELECT severity, COUNT(*) AS n FROM bugs JOIN tests ON tests.id = bugs.test_id
            WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
    ),
    Question(
        "bugs by product and month",
        {"metrics": ["bug_count"], "dimensions": ["product", "month"]},
        f"""SELECT p.id, p.title, month, n FROM (
              SELECT product_id, MONTH_OF_END AS month, SUM(n) AS n
              FROM (SELECT test_id, COUNT(*) AS n FROM bugs WHERE customer_id = 1 GROUP BY 1) AS b
              JOIN tests ON tests.id = b.test_id WHERE {_TESTS} GROUP BY 1, 2
            ) AS g JOIN products AS p ON p.id = g.product_id ORDER BY 3, 2, 1 LIMIT 1000""",
    ),
    Question(
        "bug density by month",
        {"metrics": ["bugs_per_test"], "dimensions": ["month"]},
        f"""SELECT month, SUM(bugs) * 1.0 / COUNT(*) FROM (
              SELECT MONTH_OF_END AS month, COALESCE(n, 0) AS bugs FROM tests
              LEFT JOIN (SELECT test_id, COUNT(*) AS n FROM bugs WHERE customer_id = 1 GROUP BY 1) AS b ON b.test_id = tests.id
              WHERE {_TESTS}
            ) AS t GROUP BY 1 ORDER BY 1 LIMIT 1000""",
    ),
    Question(
        "tests by feature",
        {"metrics": ["test_count"], "dimensions": ["feature"]},
        f"""SELECT f.id, f.title, n FROM (
              SELECT feature_id, COUNT(DISTINCT tests.id) AS n FROM tests LEFT JOIN test_features AS tf ON tf.test_id = tests.id
              WHERE {_TESTS} GROUP BY 1
            ) AS g LEFT JOIN features AS f ON f.id = g.feature_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
    ),
    Question(
        "critical bugs by feature, last quarter",
        {
            "metrics": ["bug_count"],
            "dimensions": ["feature"],
            "filters": {"severity": "critical"},
            "date_range": "last quarter",
        },
        f"""SELECT f.id, f.title, n FROM (
              SELECT feature_id, COUNT(*) AS n FROM bugs JOIN tests ON tests.id = bugs.test_id
              LEFT JOIN test_features AS tf ON tf.id = bugs.test_feature_id
              WHERE bugs.customer_id = 1 AND severity = 'critical' AND {_TESTS}
                AND end_at >= '2025-07-01' AND end_at < '2025-10-01' GROUP BY 1
            ) AS g LEFT JOIN features AS f ON f.id = g.feature_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
    ),
    Question(
        "top ten testers of a type of test",
        {"metrics": ["bug_count"], "dimensions": ["tester"], "filters": {"testing_type": "rapid"}, "limit": 10},
        f"""SELECT u.id, u.username, SUM(n) FROM (
              SELECT reported_by_user_id, COUNT(*) AS n FROM bugs JOIN tests ON tests.id = bugs.test_id
              WHERE bugs.customer_id = 1 AND {_TESTS} AND testing_type = 'rapid' GROUP BY 1
            ) AS g LEFT JOIN users AS u ON u.id = g.reported_by_user_id AND u.is_tester
            GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 10""",
    ),
    Question(
        "active testers by month",
        {"metrics": ["active_testers"], "dimensions": ["month"]},
        f"""SELECT MONTH_OF_END AS month, COUNT(DISTINCT reported_by_user_id) FROM bugs JOIN tests ON tests.id = bugs.test_id
            WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1 ORDER BY 1 LIMIT 1000""",
    ),
    Question(
        "features tested by product",
        {"metrics": ["features_tested"], "dimensions": ["product"]},
        f"""SELECT p.id, p.title, n FROM (
              SELECT product_id, COUNT(DISTINCT feature_id) AS n FROM test_features AS tf JOIN tests ON tests.id = tf.test_id
              WHERE tf.customer_id = 1 AND {_TESTS} GROUP BY 1
            ) AS g JOIN products AS p ON p.id = g.product_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
    ),
    Question(
        "tests created and submitted by customer",
        {"metrics": ["tests_created", "tests_submitted"], "dimensions": ["customer"]},
        """SELECT u.id, u.username, SUM(created), SUM(submitted) FROM (
              SELECT created_by_user_id, COUNT(created_by_user_id) AS created, COUNT(submitted_by_user_id) AS submitted
              FROM tests WHERE customer_id = 1 GROUP BY 1
            ) AS g LEFT JOIN users AS u ON u.id = g.created_by_user_id AND u.is_customer
            GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
    ),
    Question(
        "severity score by platform of the bug",
        {"metrics": ["bug_severity_score"], "dimensions": ["bug_platform"]},
        f"""SELECT operating_system, SUM(CASE severity WHEN 'critical' THEN 5 WHEN 'high' THEN 3 WHEN 'low' THEN 1
                                         WHEN 'visual' THEN 1 WHEN 'content' THEN 1 ELSE 0 END) FROM (
              SELECT DISTINCT bugs.id, severity, operating_system FROM bugs JOIN tests ON tests.id = bugs.test_id
              LEFT JOIN bug_devices AS d ON d.bug_id = bugs.id WHERE bugs.customer_id = 1 AND {_TESTS}
            ) AS once GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
    ),
    Question(
        "acceptance rate by product",
        {"metrics": ["overall_acceptance_rate"], "dimensions": ["product"]},
        f"""SELECT p.id, p.title, a * 1.0 / n FROM (
              SELECT product_id, COUNT(CASE WHEN bugs.status IN ('accepted', 'auto_accepted') THEN 1 END) AS a, COUNT(*) AS n
              FROM bugs JOIN tests ON tests.id = bugs.test_id WHERE bugs.customer_id = 1 AND {_TESTS} GROUP BY 1
            ) AS g JOIN products AS p ON p.id = g.product_id ORDER BY 3 DESC, 2, 1 LIMIT 1000""",
    ),
    Question(
        "tests with a critical bug by type",
        {"metrics": ["test_count"], "dimensions": ["testing_type"], "filters": {"severity": "critical"}},
        f"""SELECT testing_type, COUNT(*) FROM tests
            WHERE {_TESTS} AND id IN (SELECT test_id FROM bugs WHERE severity = 'critical' AND customer_id = 1)
            GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000""",
    ),
)
