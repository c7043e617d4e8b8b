/*
about: >-
  A filter on two systems doubles nothing: a bug that was seen on both is one bug.
model: testio
query: {"metrics": ["bug_severity_score", "bug_count"], "filters": {"bug_platform": ["iOS", "Android"]}}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived", "p4": "iOS", "p5": "Android"}
SELECT
  COALESCE(
    SUM(
      CASE bugs.severity
        WHEN 'critical'
        THEN 5
        WHEN 'high'
        THEN 3
        WHEN 'low'
        THEN 1
        WHEN 'visual'
        THEN 1
        WHEN 'content'
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS bug_severity_score,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = :p0
WHERE
  bugs.customer_id = :p0
  AND tests.status IN (:p1, :p2, :p3)
  AND bugs.id IN (
    SELECT
      bug_devices.bug_id
    FROM bug_devices
    WHERE
      bug_devices.customer_id = :p0 AND bug_devices.operating_system IN (:p4, :p5)
  )

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived", "p4": "iOS", "p5": "Android"}
SELECT
  COALESCE(
    SUM(
      CASE bugs.severity
        WHEN 'critical'
        THEN 5
        WHEN 'high'
        THEN 3
        WHEN 'low'
        THEN 1
        WHEN 'visual'
        THEN 1
        WHEN 'content'
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS bug_severity_score,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
WHERE
  bugs.customer_id = %(p0)s
  AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  AND bugs.id IN (
    SELECT
      bug_devices.bug_id
    FROM bug_devices
    WHERE
      bug_devices.customer_id = %(p0)s
      AND bug_devices.operating_system IN (%(p4)s, %(p5)s)
  )

-- check
SELECT
  SUM(CASE severity WHEN 'critical' THEN 5 WHEN 'high' THEN 3 WHEN 'low' THEN 1 WHEN 'visual' THEN 1 WHEN 'content' THEN 1 ELSE 0 END),
  COUNT(*)
FROM bugs WHERE customer_id = 1 AND id IN (SELECT bug_id FROM bug_devices WHERE operating_system IN ('iOS', 'Android'))
