/*
about: >-
  A phrase is a range of its own, not a day: last month, counted from the given moment.
model: testio
query: {"metrics": ["bug_count"], "dimensions": ["severity"], "date_range": "last month"}
*/

-- sqlite {"p0": 1, "p1": "2025-10-01", "p2": "2025-11-01", "p3": "running", "p4": "locked", "p5": "archived"}
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
      tests.customer_id = :p0
      AND tests.end_at >= :p1
      AND tests.end_at < :p2
      AND tests.status IN (:p3, :p4, :p5)
  )
GROUP BY
  1
ORDER BY
  bug_count DESC,
  severity ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "2025-10-01 00:00:00", "p2": "2025-11-01 00:00:00", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  bugs.severity AS severity,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = $p0
WHERE
  bugs.customer_id = $p0
  AND tests.end_at >= $p1
  AND tests.end_at < $p2
  AND tests.status IN ($p3, $p4, $p5)
GROUP BY
  1
ORDER BY
  bug_count DESC,
  severity ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "2025-10-01 00:00:00", "p2": "2025-11-01 00:00:00", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  bugs.severity COLLATE "C" AS severity,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
WHERE
  bugs.customer_id = %(p0)s
  AND tests.end_at >= %(p1)s
  AND tests.end_at < %(p2)s
  AND tests.status IN (%(p3)s, %(p4)s, %(p5)s)
GROUP BY
  1
ORDER BY
  bug_count DESC NULLS LAST,
  severity ASC
LIMIT 1000

-- check
SELECT severity, COUNT(*) FROM bugs WHERE test_id = 101 GROUP BY 1 ORDER BY 2 DESC, 1
