/*
about: >-
  A bug seen on two systems counts in each, once, on however many devices; bugs without a device are the row without
  one.
model: testio
query: {"metrics": ["bug_severity_score", "bug_count"], "dimensions": ["bug_platform"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  bugs_once.bug_platform AS bug_platform,
  COALESCE(SUM(bugs_once.severity_score), 0) AS bug_severity_score,
  COUNT(*) AS bug_count
FROM (
  SELECT DISTINCT
    bugs.id AS key__id,
    bug_devices.operating_system AS bug_platform,
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
    END AS severity_score
  FROM bugs
  LEFT JOIN bug_devices
    ON bug_devices.bug_id = bugs.id AND bug_devices.customer_id = :p0
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = :p0
  WHERE
    bugs.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
) AS bugs_once
GROUP BY
  1
ORDER BY
  bug_severity_score DESC,
  bug_platform ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  bugs_once.bug_platform AS bug_platform,
  COALESCE(SUM(bugs_once.severity_score), 0) AS bug_severity_score,
  COUNT(*) AS bug_count
FROM (
  SELECT DISTINCT
    bugs.id AS key__id,
    bug_devices.operating_system AS bug_platform,
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
    END AS severity_score
  FROM bugs
  LEFT JOIN bug_devices
    ON bug_devices.bug_id = bugs.id AND bug_devices.customer_id = $p0
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = $p0
  WHERE
    bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
) AS bugs_once
GROUP BY
  1
ORDER BY
  bug_severity_score DESC,
  bug_platform ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  bugs_once.bug_platform AS bug_platform,
  COALESCE(SUM(bugs_once.severity_score), 0) AS bug_severity_score,
  COUNT(*) AS bug_count
FROM (
  SELECT DISTINCT
    bugs.id AS key__id,
    bug_devices.operating_system COLLATE "C" AS bug_platform,
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
    END AS severity_score
  FROM bugs
  LEFT JOIN bug_devices
    ON bug_devices.bug_id = bugs.id AND bug_devices.customer_id = %(p0)s
  INNER JOIN tests
    ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
  WHERE
    bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
) AS bugs_once
GROUP BY
  1
ORDER BY
  bug_severity_score DESC NULLS LAST,
  bug_platform ASC
LIMIT 1000

-- check
SELECT
  os,
  SUM(CASE severity WHEN 'critical' THEN 5 WHEN 'high' THEN 3 WHEN 'low' THEN 1 WHEN 'visual' THEN 1 WHEN 'content' THEN 1 ELSE 0 END),
  COUNT(*)
FROM (
  SELECT DISTINCT b.id, b.severity, d.operating_system AS os
  FROM bugs AS b JOIN tests AS t ON t.id = b.test_id LEFT JOIN bug_devices AS d ON d.bug_id = b.id
  WHERE b.customer_id = 1 AND t.status IN ('running', 'locked', 'archived')
) AS once
GROUP BY os ORDER BY 2 DESC, 1 NULLS LAST
