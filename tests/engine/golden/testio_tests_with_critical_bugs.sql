/*
about: >-
  A filter on bugs limits tests to those that have one, without repeating a test.
model: testio
query: {"metrics": ["test_count"], "dimensions": ["product"], "filters": {"severity": "critical"}}
*/

-- sqlite {"p0": "running", "p1": "locked", "p2": "archived", "p3": 1, "p4": "critical"}
SELECT
  products.id AS product_id,
  products.title AS product,
  SUM(tests_by_key.test_count) AS test_count
FROM (
  SELECT
    tests.product_id AS product_id_,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = :p3
    AND tests.status IN (:p0, :p1, :p2)
    AND tests.id IN (
      SELECT
        bugs.test_id
      FROM bugs
      WHERE
        bugs.customer_id = :p3 AND bugs.severity = :p4
    )
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN products
  ON tests_by_key.product_id_ = products.id AND products.customer_id = :p3
GROUP BY
  1,
  2
ORDER BY
  test_count DESC,
  product ASC NULLS LAST,
  product_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": "running", "p1": "locked", "p2": "archived", "p3": 1, "p4": "critical"}
SELECT
  products.id AS product_id,
  products.title AS product,
  SUM(tests_by_key.test_count) AS test_count
FROM (
  SELECT
    tests.product_id AS product_id_,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = $p3
    AND tests.status IN ($p0, $p1, $p2)
    AND tests.id IN (
      SELECT
        bugs.test_id
      FROM bugs
      WHERE
        bugs.customer_id = $p3 AND bugs.severity = $p4
    )
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN products
  ON tests_by_key.product_id_ = products.id AND products.customer_id = $p3
GROUP BY
  1,
  2
ORDER BY
  test_count DESC,
  product ASC,
  product_id ASC
LIMIT 1000

-- postgres {"p0": "running", "p1": "locked", "p2": "archived", "p3": 1, "p4": "critical"}
SELECT
  products.id AS product_id,
  products.title COLLATE "C" AS product,
  SUM(tests_by_key.test_count) AS test_count
FROM (
  SELECT
    tests.product_id AS product_id_,
    COUNT(*) AS test_count
  FROM tests
  WHERE
    tests.customer_id = %(p3)s
    AND tests.status IN (%(p0)s, %(p1)s, %(p2)s)
    AND tests.id IN (
      SELECT
        bugs.test_id
      FROM bugs
      WHERE
        bugs.customer_id = %(p3)s AND bugs.severity = %(p4)s
    )
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN products
  ON tests_by_key.product_id_ = products.id AND products.customer_id = %(p3)s
GROUP BY
  1,
  2
ORDER BY
  test_count DESC NULLS LAST,
  product ASC,
  product_id ASC
LIMIT 1000

-- check
SELECT p.id, p.title, COUNT(*) FROM tests AS t JOIN products AS p ON p.id = t.product_id
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') AND t.id IN (SELECT test_id FROM bugs WHERE severity = 'critical')
GROUP BY 1, 2 ORDER BY 3 DESC, 2
