/*
about: >-
  Of two equally short ways the view chooses one: the product is the test's.
model: testio
query: {"metrics": ["features_tested", "test_count"], "dimensions": ["product"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH test_features_facts AS (
  SELECT
    test_features_by_key.product_id AS product_id,
    products.title AS product,
    test_features_by_key.features_tested AS features_tested
  FROM (
    SELECT
      products.id AS product_id,
      COUNT(DISTINCT test_features.feature_id) AS features_tested
    FROM test_features
    INNER JOIN tests
      ON test_features.test_id = tests.id AND tests.customer_id = :p0
    LEFT JOIN products
      ON tests.product_id = products.id AND products.customer_id = :p0
    WHERE
      test_features.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
    GROUP BY
      1
  ) AS test_features_by_key
  LEFT JOIN products
    ON test_features_by_key.product_id = products.id
), tests_facts AS (
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
      tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
    GROUP BY
      1
  ) AS tests_by_key
  LEFT JOIN products
    ON tests_by_key.product_id_ = products.id AND products.customer_id = :p0
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    product_id,
    product,
    COALESCE(MAX(features_tested), 0) AS features_tested,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      product_id,
      product,
      features_tested,
      NULL AS test_count
    FROM test_features_facts
    UNION ALL
    SELECT
      product_id,
      product,
      NULL AS features_tested,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  product_id,
  product,
  features_tested,
  test_count
FROM merged
ORDER BY
  features_tested DESC,
  product ASC NULLS LAST,
  product_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH test_features_facts AS (
  SELECT
    test_features_by_key.product_id AS product_id,
    products.title AS product,
    test_features_by_key.features_tested AS features_tested
  FROM (
    SELECT
      products.id AS product_id,
      COUNT(DISTINCT test_features.feature_id) AS features_tested
    FROM test_features
    INNER JOIN tests
      ON test_features.test_id = tests.id AND tests.customer_id = $p0
    LEFT JOIN products
      ON tests.product_id = products.id AND products.customer_id = $p0
    WHERE
      test_features.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS test_features_by_key
  LEFT JOIN products
    ON test_features_by_key.product_id = products.id
), tests_facts AS (
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
      tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS tests_by_key
  LEFT JOIN products
    ON tests_by_key.product_id_ = products.id AND products.customer_id = $p0
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    product_id,
    product,
    COALESCE(MAX(features_tested), 0) AS features_tested,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      product_id,
      product,
      features_tested,
      NULL AS test_count
    FROM test_features_facts
    UNION ALL
    SELECT
      product_id,
      product,
      NULL AS features_tested,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  product_id,
  product,
  features_tested,
  test_count
FROM merged
ORDER BY
  features_tested DESC,
  product ASC,
  product_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH test_features_facts AS (
  SELECT
    test_features_by_key.product_id AS product_id,
    products.title COLLATE "C" AS product,
    CAST(test_features_by_key.features_tested AS BIGINT) AS features_tested
  FROM (
    SELECT
      products.id AS product_id,
      COUNT(DISTINCT test_features.feature_id) AS features_tested
    FROM test_features
    INNER JOIN tests
      ON test_features.test_id = tests.id AND tests.customer_id = %(p0)s
    LEFT JOIN products
      ON tests.product_id = products.id AND products.customer_id = %(p0)s
    WHERE
      test_features.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS test_features_by_key
  LEFT JOIN products
    ON test_features_by_key.product_id = products.id
), tests_facts AS (
  SELECT
    products.id AS product_id,
    products.title COLLATE "C" AS product,
    CAST(SUM(tests_by_key.test_count) AS BIGINT) AS test_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS test_count
    FROM tests
    WHERE
      tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS tests_by_key
  LEFT JOIN products
    ON tests_by_key.product_id_ = products.id AND products.customer_id = %(p0)s
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    product_id,
    product,
    COALESCE(MAX(features_tested), 0) AS features_tested,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      product_id,
      product,
      features_tested,
      CAST(NULL AS BIGINT) AS test_count
    FROM test_features_facts
    UNION ALL
    SELECT
      product_id,
      product,
      CAST(NULL AS BIGINT) AS features_tested,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  product_id,
  product,
  features_tested,
  test_count
FROM merged
ORDER BY
  features_tested DESC NULLS LAST,
  product ASC,
  product_id ASC
LIMIT 1000

-- check
SELECT p.id, p.title, COUNT(DISTINCT tf.feature_id), COUNT(DISTINCT t.id)
FROM tests AS t JOIN products AS p ON p.id = t.product_id LEFT JOIN test_features AS tf ON tf.test_id = t.id
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') GROUP BY 1, 2 ORDER BY 3 DESC
