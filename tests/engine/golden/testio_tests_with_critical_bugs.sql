/*
about: >-
  A filter on bugs limits tests to those that have one, without repeating a test.
model: testio
query: {"metrics": ["test_count"], "dimensions": ["product"], "filters": {"severity": "critical"}}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived", "p4": "critical"}
SELECT
  products.id AS product_id,
  products.title AS product,
  COUNT(*) AS test_count
FROM tests
LEFT JOIN products
  ON tests.product_id = products.id AND products.customer_id = :p0
WHERE
  tests.customer_id = :p0
  AND tests.status IN (:p1, :p2, :p3)
  AND EXISTS(
    SELECT
      1
    FROM bugs
    WHERE
      bugs.test_id = tests.id AND bugs.customer_id = :p0 AND bugs.severity = :p4
  )
GROUP BY
  1,
  2
ORDER BY
  test_count DESC,
  product ASC NULLS LAST,
  product_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived", "p4": "critical"}
SELECT
  products.id AS product_id,
  products.title AS product,
  COUNT(*) AS test_count
FROM tests
LEFT JOIN products
  ON tests.product_id = products.id AND products.customer_id = $p0
WHERE
  tests.customer_id = $p0
  AND tests.status IN ($p1, $p2, $p3)
  AND EXISTS(
    SELECT
      1
    FROM bugs
    WHERE
      bugs.test_id = tests.id AND bugs.customer_id = $p0 AND bugs.severity = $p4
  )
GROUP BY
  1,
  2
ORDER BY
  test_count DESC,
  product ASC,
  product_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived", "p4": "critical"}
SELECT
  products.id AS product_id,
  products.title AS product,
  COUNT(*) AS test_count
FROM tests
LEFT JOIN products
  ON tests.product_id = products.id AND products.customer_id = %(p0)s
WHERE
  tests.customer_id = %(p0)s
  AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  AND EXISTS(
    SELECT
      1
    FROM bugs
    WHERE
      bugs.test_id = tests.id AND bugs.customer_id = %(p0)s AND bugs.severity = %(p4)s
  )
GROUP BY
  1,
  2
ORDER BY
  test_count DESC NULLS LAST,
  product COLLATE "C" ASC,
  product_id ASC
LIMIT 1000

-- check
SELECT p.id, p.title, COUNT(*) FROM tests AS t JOIN products AS p ON p.id = t.product_id
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') AND t.id IN (SELECT test_id FROM bugs WHERE severity = 'critical')
GROUP BY 1, 2 ORDER BY 3 DESC, 2
