/*
about: >-
  A range that ends within a day: times below the day are compared in one form, beside the days for an index.
model: testio
query: {"metrics": ["bug_count"], "time_dimension": "reported_at", "start_date": "2025-10-30T10:30:00", "end_date": "2025-11-30T23:59:59.250"}
*/

-- sqlite {"p0": 1, "p1": "2025-10-30", "p2": "2025-12-01", "p3": "2025-10-30 10:30:00.000", "p4": "2025-11-30 23:59:59.250", "p5": "running", "p6": "locked", "p7": "archived"}
SELECT
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = :p0
WHERE
  bugs.customer_id = :p0
  AND bugs.reported_at >= :p1
  AND bugs.reported_at < :p2
  AND STRFTIME('%Y-%m-%d %H:%M:%f', bugs.reported_at) >= :p3
  AND STRFTIME('%Y-%m-%d %H:%M:%f', bugs.reported_at) < :p4
  AND tests.status IN (:p5, :p6, :p7)

-- duckdb {"p0": 1, "p1": "2025-10-30 10:30:00", "p2": "2025-11-30 23:59:59.250000", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = $p0
WHERE
  bugs.customer_id = $p0
  AND bugs.reported_at >= $p1
  AND bugs.reported_at < $p2
  AND tests.status IN ($p3, $p4, $p5)

-- postgres {"p0": 1, "p1": "2025-10-30 10:30:00", "p2": "2025-11-30 23:59:59.250000", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
WHERE
  bugs.customer_id = %(p0)s
  AND bugs.reported_at >= %(p1)s
  AND bugs.reported_at < %(p2)s
  AND tests.status IN (%(p3)s, %(p4)s, %(p5)s)

-- check
SELECT COUNT(*) FROM bugs WHERE id BETWEEN 2 AND 8
