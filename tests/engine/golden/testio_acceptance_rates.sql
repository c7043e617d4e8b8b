/*
about: >-
  The rates of what became of the bugs, each of its own divisor, null where that is 0.
model: testio
query: {"metrics": ["overall_acceptance_rate", "active_acceptance_rate", "auto_acceptance_rate", "rejection_rate", "review_rate"], "dimensions": ["severity"], "sort_by": "severity", "sort_order": "asc"}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  bugs.severity AS severity,
  1.0 * (
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END)
  ) / NULLIF(COUNT(*), 0) AS overall_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) / NULLIF(COUNT(*), 0) AS active_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END) / NULLIF(
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END),
    0
  ) AS auto_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'rejected' THEN 1 END) / NULLIF(COUNT(*), 0) AS rejection_rate,
  1.0 * (
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'rejected' THEN 1 END)
  ) / NULLIF(COUNT(*), 0) AS review_rate
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
ORDER BY
  severity ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  bugs.severity AS severity,
  1.0 * (
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END)
  ) / NULLIF(COUNT(*), 0) AS overall_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) / NULLIF(COUNT(*), 0) AS active_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END) / NULLIF(
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END),
    0
  ) AS auto_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'rejected' THEN 1 END) / NULLIF(COUNT(*), 0) AS rejection_rate,
  1.0 * (
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'rejected' THEN 1 END)
  ) / NULLIF(COUNT(*), 0) AS review_rate
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = $p0
WHERE
  bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
GROUP BY
  1
ORDER BY
  severity ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  bugs.severity COLLATE "C" AS severity,
  1.0 * (
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END)
  ) / NULLIF(COUNT(*), 0) AS overall_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) / NULLIF(COUNT(*), 0) AS active_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END) / NULLIF(
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'auto_accepted' THEN 1 END),
    0
  ) AS auto_acceptance_rate,
  1.0 * COUNT(CASE WHEN bugs.status = 'rejected' THEN 1 END) / NULLIF(COUNT(*), 0) AS rejection_rate,
  1.0 * (
    COUNT(CASE WHEN bugs.status = 'accepted' THEN 1 END) + COUNT(CASE WHEN bugs.status = 'rejected' THEN 1 END)
  ) / NULLIF(COUNT(*), 0) AS review_rate
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
WHERE
  bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
GROUP BY
  1
ORDER BY
  severity ASC
LIMIT 1000

-- check
WITH s AS (
  SELECT
    severity, COUNT(*) AS n,
    1.0 * SUM(CASE WHEN b.status = 'accepted' THEN 1 ELSE 0 END) AS a,
    1.0 * SUM(CASE WHEN b.status = 'auto_accepted' THEN 1 ELSE 0 END) AS u,
    1.0 * SUM(CASE WHEN b.status = 'rejected' THEN 1 ELSE 0 END) AS r
  FROM bugs AS b JOIN tests AS t ON t.id = b.test_id WHERE b.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') GROUP BY severity
)
SELECT severity, (a + u) / n, a / n, CASE WHEN a + u > 0 THEN u / (a + u) END, r / n, (a + r) / n FROM s ORDER BY 1 NULLS LAST
