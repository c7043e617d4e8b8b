/*
about: >-
  A filter limits both sides of a ratio; a metric with a filter of its own divides by all tests (rule 9).
model: testio
query: {"metrics": ["critical_bugs_per_test", "bugs_per_test"], "dimensions": ["testing_type"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    tests.testing_type AS testing_type,
    COUNT(CASE WHEN bugs.severity = 'critical' THEN 1 END) AS critical_bug_count,
    COUNT(*) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = :p0
  WHERE
    bugs.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
  GROUP BY
    1
), tests_facts AS (
  SELECT
    tests.testing_type AS testing_type,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
  GROUP BY
    1
), merged AS (
  SELECT
    testing_type,
    COALESCE(MAX(critical_bug_count), 0) AS critical_bug_count,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      testing_type,
      critical_bug_count,
      bug_count,
      NULL AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      testing_type,
      NULL AS critical_bug_count,
      NULL AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  testing_type,
  1.0 * critical_bug_count / NULLIF(test_count, 0) AS critical_bugs_per_test,
  1.0 * bug_count / NULLIF(test_count, 0) AS bugs_per_test
FROM merged
ORDER BY
  critical_bugs_per_test DESC,
  testing_type ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    tests.testing_type AS testing_type,
    COUNT(CASE WHEN bugs.severity = 'critical' THEN 1 END) AS critical_bug_count,
    COUNT(*) AS bug_count
  FROM bugs
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = $p0
  WHERE
    bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
), tests_facts AS (
  SELECT
    tests.testing_type AS testing_type,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
), merged AS (
  SELECT
    testing_type,
    COALESCE(MAX(critical_bug_count), 0) AS critical_bug_count,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      testing_type,
      critical_bug_count,
      bug_count,
      NULL AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      testing_type,
      NULL AS critical_bug_count,
      NULL AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  testing_type,
  1.0 * critical_bug_count / NULLIF(test_count, 0) AS critical_bugs_per_test,
  1.0 * bug_count / NULLIF(test_count, 0) AS bugs_per_test
FROM merged
ORDER BY
  critical_bugs_per_test DESC,
  testing_type ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    tests.testing_type COLLATE "C" AS testing_type,
    CAST(COUNT(CASE WHEN bugs.severity = 'critical' THEN 1 END) AS BIGINT) AS critical_bug_count,
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
    tests.testing_type COLLATE "C" AS testing_type,
    CAST(COUNT(*) AS BIGINT) AS test_count
  FROM tests
  WHERE
    tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1
), merged AS (
  SELECT
    testing_type,
    COALESCE(MAX(critical_bug_count), 0) AS critical_bug_count,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      testing_type,
      critical_bug_count,
      bug_count,
      CAST(NULL AS BIGINT) AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      testing_type,
      CAST(NULL AS BIGINT) AS critical_bug_count,
      CAST(NULL AS BIGINT) AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  testing_type,
  1.0 * critical_bug_count / NULLIF(test_count, 0) AS critical_bugs_per_test,
  1.0 * bug_count / NULLIF(test_count, 0) AS bugs_per_test
FROM merged
ORDER BY
  critical_bugs_per_test DESC NULLS LAST,
  testing_type ASC
LIMIT 1000

-- check
SELECT
  testing_type,
  SUM((SELECT COUNT(*) FROM bugs WHERE test_id = t.id AND severity = 'critical')) * 1.0 / COUNT(*),
  SUM((SELECT COUNT(*) FROM bugs WHERE test_id = t.id)) * 1.0 / COUNT(*)
FROM tests AS t WHERE customer_id = 1 AND status IN ('running', 'locked', 'archived') GROUP BY 1 ORDER BY 2 DESC, 1
