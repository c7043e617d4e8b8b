/*
about: >-
  ISO weeks: the last days of December and the first of January are one week; what has no date is the null bucket.
model: testio
query: {"metrics": ["bug_count", "test_count"], "dimensions": ["week"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    DATE(tests.end_at, 'weekday 0', '-6 days') AS week,
    SUM(bugs_by_key.bug_count) AS bug_count
  FROM (
    SELECT
      bugs.test_id AS test_id,
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
  ) AS bugs_by_key
  LEFT JOIN tests
    ON bugs_by_key.test_id = tests.id AND tests.customer_id = :p0
  GROUP BY
    1
), tests_facts AS (
  SELECT
    DATE(tests.end_at, 'weekday 0', '-6 days') AS week,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
  GROUP BY
    1
), merged AS (
  SELECT
    week,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      week,
      bug_count,
      NULL AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      week,
      NULL AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  week,
  bug_count,
  test_count
FROM merged
ORDER BY
  week ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    tests.week AS week,
    COUNT(*) AS bug_count
  FROM bugs
  INNER JOIN (
    SELECT
      tests.id,
      tests.customer_id,
      tests.status,
      CAST(DATE_TRUNC('WEEK', tests.end_at) AS DATE) AS week
    FROM tests
  ) AS tests
    ON bugs.test_id = tests.id AND tests.customer_id = $p0
  WHERE
    bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
), tests_facts AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', tests.end_at) AS DATE) AS week,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
), merged AS (
  SELECT
    week,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      week,
      bug_count,
      NULL AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      week,
      NULL AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  week,
  bug_count,
  test_count
FROM merged
ORDER BY
  week ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', tests.end_at) AS DATE) AS week,
    CAST(COUNT(*) AS BIGINT) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
  WHERE
    bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1
), tests_facts AS (
  SELECT
    CAST(DATE_TRUNC('WEEK', tests.end_at) AS DATE) AS week,
    CAST(COUNT(*) AS BIGINT) AS test_count
  FROM tests
  WHERE
    tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1
), merged AS (
  SELECT
    week,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      week,
      bug_count,
      CAST(NULL AS BIGINT) AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      week,
      CAST(NULL AS BIGINT) AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  week,
  bug_count,
  test_count
FROM merged
ORDER BY
  week ASC
LIMIT 1000

-- check
SELECT
  CASE t.id WHEN 101 THEN '2025-10-27' WHEN 102 THEN '2025-11-10' WHEN 107 THEN NULL ELSE '2025-12-29' END AS week,
  SUM((SELECT COUNT(*) FROM bugs WHERE test_id = t.id)), COUNT(*)
FROM tests AS t WHERE customer_id = 1 AND status IN ('running', 'locked', 'archived') GROUP BY 1 ORDER BY 1 NULLS LAST
