/*
about: >-
  Testers counted once a month, of all bugs: each test is given its month before the bugs are joined to it. SQLite would take
  that apart again, were it not for a limit, which is none.
model: testio
query: {"metrics": ["active_testers"], "dimensions": ["month"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests.month AS month,
  COUNT(DISTINCT bugs.reported_by_user_id) AS active_testers
FROM bugs
INNER JOIN (
  SELECT
    tests.id,
    tests.customer_id,
    tests.status,
    STRFTIME('%Y-%m-01', tests.end_at) AS month
  FROM tests
  LIMIT -1
) AS tests
  ON bugs.test_id = tests.id AND tests.customer_id = :p0
WHERE
  bugs.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
GROUP BY
  1
ORDER BY
  month ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests.month AS month,
  COUNT(DISTINCT bugs.reported_by_user_id) AS active_testers
FROM bugs
INNER JOIN (
  SELECT
    tests.id,
    tests.customer_id,
    tests.status,
    CAST(DATE_TRUNC('MONTH', tests.end_at) AS DATE) AS month
  FROM tests
) AS tests
  ON bugs.test_id = tests.id AND tests.customer_id = $p0
WHERE
  bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
GROUP BY
  1
ORDER BY
  month ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  CAST(DATE_TRUNC('MONTH', tests.end_at) AS DATE) AS month,
  COUNT(DISTINCT bugs.reported_by_user_id) AS active_testers
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
WHERE
  bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
GROUP BY
  1
ORDER BY
  month ASC
LIMIT 1000

-- check
SELECT SUBSTR(CAST(tests.end_at AS VARCHAR), 1, 7) || '-01', COUNT(DISTINCT reported_by_user_id) FROM bugs JOIN tests ON tests.id = test_id
WHERE bugs.customer_id = 1 AND tests.customer_id = 1 AND tests.status IN ('running', 'locked', 'archived') GROUP BY 1 ORDER BY 1 NULLS LAST
