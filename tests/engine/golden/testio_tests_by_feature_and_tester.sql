/*
about: >-
  Both through the bugs, by one step down: the tests in which this tester reported a bug on this feature (rule 6).
model: testio
query: {"metrics": ["test_count"], "dimensions": ["feature", "tester"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests_by_key.feature_id AS feature_id,
  features.title AS feature,
  tests_by_key.tester_id AS tester_id,
  testers.username AS tester,
  tests_by_key.test_count AS test_count
FROM (
  SELECT
    features.id AS feature_id,
    testers.id AS tester_id,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN bugs
    ON bugs.test_id = tests.id AND bugs.customer_id = :p0
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON bugs.reported_by_user_id = testers.id AND testers.customer_id = :p0
  LEFT JOIN test_features
    ON bugs.test_feature_id = test_features.id AND test_features.customer_id = :p0
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = :p0
  WHERE
    tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
  GROUP BY
    1,
    2
) AS tests_by_key
LEFT JOIN features
  ON tests_by_key.feature_id = features.id
LEFT JOIN (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_tester
) AS testers
  ON tests_by_key.tester_id = testers.id
ORDER BY
  test_count DESC,
  feature ASC NULLS LAST,
  feature_id ASC NULLS LAST,
  tester ASC NULLS LAST,
  tester_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests_by_key.feature_id AS feature_id,
  features.title AS feature,
  tests_by_key.tester_id AS tester_id,
  testers.username AS tester,
  tests_by_key.test_count AS test_count
FROM (
  SELECT
    features.id AS feature_id,
    testers.id AS tester_id,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN bugs
    ON bugs.test_id = tests.id AND bugs.customer_id = $p0
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON bugs.reported_by_user_id = testers.id AND testers.customer_id = $p0
  LEFT JOIN test_features
    ON bugs.test_feature_id = test_features.id AND test_features.customer_id = $p0
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = $p0
  WHERE
    tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
  GROUP BY
    1,
    2
) AS tests_by_key
LEFT JOIN features
  ON tests_by_key.feature_id = features.id
LEFT JOIN (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_tester
) AS testers
  ON tests_by_key.tester_id = testers.id
ORDER BY
  test_count DESC,
  feature ASC,
  feature_id ASC,
  tester ASC,
  tester_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  tests_by_key.feature_id AS feature_id,
  features.title COLLATE "C" AS feature,
  tests_by_key.tester_id AS tester_id,
  testers.username COLLATE "C" AS tester,
  tests_by_key.test_count AS test_count
FROM (
  SELECT
    features.id AS feature_id,
    testers.id AS tester_id,
    COUNT(DISTINCT tests.id) AS test_count
  FROM tests
  LEFT JOIN bugs
    ON bugs.test_id = tests.id AND bugs.customer_id = %(p0)s
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON bugs.reported_by_user_id = testers.id AND testers.customer_id = %(p0)s
  LEFT JOIN test_features
    ON bugs.test_feature_id = test_features.id AND test_features.customer_id = %(p0)s
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = %(p0)s
  WHERE
    tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
  GROUP BY
    1,
    2
) AS tests_by_key
LEFT JOIN features
  ON tests_by_key.feature_id = features.id
LEFT JOIN (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_tester
) AS testers
  ON tests_by_key.tester_id = testers.id
ORDER BY
  test_count DESC NULLS LAST,
  feature ASC,
  feature_id ASC,
  tester ASC,
  tester_id ASC
LIMIT 1000

-- check
SELECT f.id, f.title, u.id, u.username, COUNT(DISTINCT t.id)
FROM tests AS t LEFT JOIN bugs AS b ON b.test_id = t.id
LEFT JOIN test_features AS tf ON tf.id = b.test_feature_id LEFT JOIN features AS f ON f.id = tf.feature_id
LEFT JOIN users AS u ON u.id = b.reported_by_user_id AND u.is_tester
WHERE t.customer_id = 1 AND t.status IN ('running', 'locked', 'archived')
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 2 NULLS LAST, 1 NULLS LAST, 4 NULLS LAST, 3 NULLS LAST
