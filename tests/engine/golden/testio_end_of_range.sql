/*
about: >-
  The last day of a range counts to its last second.
model: testio
query: {"metrics": ["test_count", "bug_count"], "start_date": "2025-10-01", "end_date": "2025-10-31"}
*/

-- sqlite {"p0": "2025-10-01", "p1": "2025-11-01", "p2": "running", "p3": "locked", "p4": "archived", "p5": 1}
WITH tests_facts AS (
  SELECT
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = :p5
    AND tests.end_at >= :p0
    AND tests.end_at < :p1
    AND tests.status IN (:p2, :p3, :p4)
), bugs_facts AS (
  SELECT
    COUNT(*) AS bug_count
  FROM bugs
  WHERE
    bugs.customer_id = :p5
    AND bugs.test_id IN (
      SELECT
        tests.id
      FROM tests
      WHERE
        tests.customer_id = :p5
        AND tests.end_at >= :p0
        AND tests.end_at < :p1
        AND tests.status IN (:p2, :p3, :p4)
    )
), merged AS (
  SELECT
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      test_count,
      NULL AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      NULL AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
)
SELECT
  test_count,
  bug_count
FROM merged

-- duckdb {"p0": "2025-10-01 00:00:00", "p1": "2025-11-01 00:00:00", "p2": "running", "p3": "locked", "p4": "archived", "p5": 1}
WITH tests_facts AS (
  SELECT
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = $p5
    AND tests.end_at >= $p0
    AND tests.end_at < $p1
    AND tests.status IN ($p2, $p3, $p4)
), bugs_facts AS (
  SELECT
    COUNT(*) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = $p5
  WHERE
    bugs.customer_id = $p5
    AND tests.end_at >= $p0
    AND tests.end_at < $p1
    AND tests.status IN ($p2, $p3, $p4)
), merged AS (
  SELECT
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      test_count,
      NULL AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      NULL AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
)
SELECT
  test_count,
  bug_count
FROM merged

-- postgres {"p0": "2025-10-01 00:00:00", "p1": "2025-11-01 00:00:00", "p2": "running", "p3": "locked", "p4": "archived", "p5": 1}
WITH tests_facts AS (
  SELECT
    CAST(COUNT(*) AS BIGINT) AS test_count
  FROM tests
  WHERE
    tests.customer_id = %(p5)s
    AND tests.end_at >= %(p0)s
    AND tests.end_at < %(p1)s
    AND tests.status IN (%(p2)s, %(p3)s, %(p4)s)
), bugs_facts AS (
  SELECT
    CAST(COUNT(*) AS BIGINT) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = %(p5)s
  WHERE
    bugs.customer_id = %(p5)s
    AND tests.end_at >= %(p0)s
    AND tests.end_at < %(p1)s
    AND tests.status IN (%(p2)s, %(p3)s, %(p4)s)
), merged AS (
  SELECT
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      test_count,
      CAST(NULL AS BIGINT) AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      CAST(NULL AS BIGINT) AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
)
SELECT
  test_count,
  bug_count
FROM merged

-- check
SELECT 1, COUNT(*) FROM bugs WHERE test_id = 101
