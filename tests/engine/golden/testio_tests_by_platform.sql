/*
about: >-
  The systems that a test asked for; tests that ask for none are not dropped.
model: testio
query: {"metrics": ["test_count"], "dimensions": ["platform"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  test_platforms.operating_system AS platform,
  COUNT(DISTINCT tests.id) AS test_count
FROM tests
LEFT JOIN test_platforms
  ON test_platforms.test_id = tests.id AND test_platforms.customer_id = :p0
WHERE
  tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
GROUP BY
  1
ORDER BY
  test_count DESC,
  platform ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  test_platforms.operating_system AS platform,
  COUNT(DISTINCT tests.id) AS test_count
FROM tests
LEFT JOIN test_platforms
  ON test_platforms.test_id = tests.id AND test_platforms.customer_id = $p0
WHERE
  tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
GROUP BY
  1
ORDER BY
  test_count DESC,
  platform ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  test_platforms.operating_system COLLATE "C" AS platform,
  COUNT(DISTINCT tests.id) AS test_count
FROM tests
LEFT JOIN test_platforms
  ON test_platforms.test_id = tests.id AND test_platforms.customer_id = %(p0)s
WHERE
  tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
GROUP BY
  1
ORDER BY
  test_count DESC NULLS LAST,
  platform ASC
LIMIT 1000

-- check
SELECT p.operating_system, COUNT(DISTINCT t.id) FROM tests AS t LEFT JOIN test_platforms AS p ON p.test_id = t.id
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST
