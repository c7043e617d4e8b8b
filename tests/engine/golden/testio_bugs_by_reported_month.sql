/*
about: >-
  A time of its own: bugs by the month of their report, over the range of the tests' ends.
model: testio
query: {"metrics": ["bug_count"], "dimensions": ["reported_month"], "start_date": "2025-10-01", "end_date": "2025-12-31"}
*/

-- sqlite {"p0": 1, "p1": "2025-10-01", "p2": "2026-01-01", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  STRFTIME('%Y-%m-01', bugs.reported_at) AS reported_month,
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
  reported_month ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "2025-10-01 00:00:00", "p2": "2026-01-01 00:00:00", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  CAST(DATE_TRUNC('MONTH', bugs.reported_at) AS DATE) AS reported_month,
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
  reported_month ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "2025-10-01 00:00:00", "p2": "2026-01-01 00:00:00", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  CAST(DATE_TRUNC('MONTH', bugs.reported_at) AS DATE) AS reported_month,
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
  reported_month ASC
LIMIT 1000

-- check
SELECT SUBSTR(CAST(reported_at AS VARCHAR), 1, 7) || '-01', COUNT(*) FROM bugs WHERE test_id IN (101, 102, 103) GROUP BY 1 ORDER BY 1
