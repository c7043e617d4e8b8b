/*
about: >-
  One meaning of status: the bug's; the test's is test_status. open is another word for forwarded.
model: testio
query: {"metrics": ["bug_count"], "dimensions": ["status", "test_status"], "filters": {"status": ["open", "Accepted"]}, "sort_by": "test_status", "sort_order": "asc"}
*/

-- sqlite {"p0": 1, "p1": "forwarded", "p2": "accepted", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  bugs.status AS status,
  tests.status AS test_status,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = :p0
WHERE
  bugs.customer_id = :p0
  AND bugs.status IN (:p1, :p2)
  AND tests.status IN (:p3, :p4, :p5)
GROUP BY
  1,
  2
ORDER BY
  test_status ASC NULLS LAST,
  status ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "forwarded", "p2": "accepted", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  bugs.status AS status,
  tests.status AS test_status,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = $p0
WHERE
  bugs.customer_id = $p0
  AND bugs.status IN ($p1, $p2)
  AND tests.status IN ($p3, $p4, $p5)
GROUP BY
  1,
  2
ORDER BY
  test_status ASC,
  status ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "forwarded", "p2": "accepted", "p3": "running", "p4": "locked", "p5": "archived"}
SELECT
  bugs.status COLLATE "C" AS status,
  tests.status COLLATE "C" AS test_status,
  COUNT(*) AS bug_count
FROM bugs
INNER JOIN tests
  ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
WHERE
  bugs.customer_id = %(p0)s
  AND bugs.status IN (%(p1)s, %(p2)s)
  AND tests.status IN (%(p3)s, %(p4)s, %(p5)s)
GROUP BY
  1,
  2
ORDER BY
  test_status ASC,
  status ASC
LIMIT 1000

-- check
SELECT b.status, t.status, COUNT(*) FROM bugs AS b JOIN tests AS t ON t.id = b.test_id
WHERE b.customer_id = 1 AND b.status IN ('forwarded', 'accepted') AND t.status IN ('running', 'locked', 'archived') GROUP BY 1, 2 ORDER BY 2, 1
