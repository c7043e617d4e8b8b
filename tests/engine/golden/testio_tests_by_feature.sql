/*
about: >-
  Through the bridge: a test counts once for each of its features; a test without features is the row without one.
model: testio
query: {"metrics": ["test_count"], "dimensions": ["feature"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests_by_key.feature_id AS feature_id,
  features.title AS feature,
  tests_by_key.test_count AS test_count
FROM (
  SELECT
    features.id AS feature_id,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN test_features
    ON test_features.test_id = tests.id AND test_features.customer_id = :p0
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = :p0
  WHERE
    tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN features
  ON tests_by_key.feature_id = features.id
ORDER BY
  test_count DESC,
  feature ASC NULLS LAST,
  feature_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests_by_key.feature_id AS feature_id,
  features.title AS feature,
  tests_by_key.test_count AS test_count
FROM (
  SELECT
    features.id AS feature_id,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN test_features
    ON test_features.test_id = tests.id AND test_features.customer_id = $p0
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = $p0
  WHERE
    tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN features
  ON tests_by_key.feature_id = features.id
ORDER BY
  test_count DESC,
  feature ASC,
  feature_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests_by_key.feature_id AS feature_id,
  features.title COLLATE "C" AS feature,
  tests_by_key.test_count AS test_count
FROM (
  SELECT
    features.id AS feature_id,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN test_features
    ON test_features.test_id = tests.id AND test_features.customer_id = %(p0)s
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = %(p0)s
  WHERE
    tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN features
  ON tests_by_key.feature_id = features.id
ORDER BY
  test_count DESC NULLS LAST,
  feature ASC,
  feature_id ASC
LIMIT 1000

-- check
SELECT f.id, f.title, COUNT(DISTINCT t.id)
FROM tests AS t LEFT JOIN test_features AS tf ON tf.test_id = t.id LEFT JOIN features AS f ON f.id = tf.feature_id
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived')
GROUP BY 1, 2 ORDER BY 3 DESC, 2 NULLS LAST, 1 NULLS LAST
