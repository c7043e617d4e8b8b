/*
about: >-
  A test without bugs is not lost: it stands under null, with tests that have a bug without a severity (rule 4).
model: testio
query: {"metrics": ["test_count", "bugs_per_test"], "dimensions": ["severity"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH tests_facts AS (
  SELECT
    bugs.severity AS severity,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN bugs
    ON bugs.test_id = tests.id AND bugs.customer_id = :p0
  WHERE
    tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
  GROUP BY
    1
), bugs_facts AS (
  SELECT
    bugs.severity AS severity,
    COUNT(*) AS bug_count
  FROM bugs
  WHERE
    bugs.customer_id = :p0
    AND bugs.test_id IN (
      SELECT
        tests.id
      FROM tests
      WHERE
        tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
    )
  GROUP BY
    1
), merged AS (
  SELECT
    severity,
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      severity,
      test_count,
      NULL AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      severity,
      NULL AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  severity,
  test_count,
  1.0 * bug_count / NULLIF(test_count, 0) AS bugs_per_test
FROM merged
ORDER BY
  test_count DESC,
  severity ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH tests_facts AS (
  SELECT
    bugs.severity AS severity,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN bugs
    ON bugs.test_id = tests.id AND bugs.customer_id = $p0
  WHERE
    tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
), bugs_facts AS (
  SELECT
    bugs.severity AS severity,
    COUNT(*) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = $p0
  WHERE
    bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
), merged AS (
  SELECT
    severity,
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      severity,
      test_count,
      NULL AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      severity,
      NULL AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  severity,
  test_count,
  1.0 * bug_count / NULLIF(test_count, 0) AS bugs_per_test
FROM merged
ORDER BY
  test_count DESC,
  severity ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH tests_facts AS (
  SELECT
    bugs.severity COLLATE "C" AS severity,
    CAST(COUNT(DISTINCT tests.id) AS BIGINT) AS test_count
  FROM tests
  LEFT JOIN bugs
    ON bugs.test_id = tests.id AND bugs.customer_id = %(p0)s
  WHERE
    tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1
), bugs_facts AS (
  SELECT
    bugs.severity COLLATE "C" AS severity,
    CAST(COUNT(*) AS BIGINT) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
  WHERE
    bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1
), merged AS (
  SELECT
    severity,
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      severity,
      test_count,
      CAST(NULL AS BIGINT) AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      severity,
      CAST(NULL AS BIGINT) AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  severity,
  test_count,
  1.0 * bug_count / NULLIF(test_count, 0) AS bugs_per_test
FROM merged
ORDER BY
  test_count DESC NULLS LAST,
  severity ASC
LIMIT 1000

-- check
SELECT b.severity, COUNT(DISTINCT t.id), COUNT(b.id) * 1.0 / COUNT(DISTINCT t.id)
FROM tests AS t LEFT JOIN bugs AS b ON b.test_id = t.id
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST
