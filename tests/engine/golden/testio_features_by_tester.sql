/*
about: >-
  Features on which this tester reported a bug; a tester is one row, and who is no tester is the row without one.
model: testio
query: {"metrics": ["features_tested", "active_testers"], "dimensions": ["tester"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH test_features_facts AS (
  SELECT
    test_features_by_key.tester_id AS tester_id,
    testers.username AS tester,
    test_features_by_key.features_tested AS features_tested
  FROM (
    SELECT
      testers.id AS tester_id,
      COUNT(DISTINCT test_features.feature_id) AS features_tested
    FROM test_features
    INNER JOIN tests
      ON test_features.test_id = tests.id AND tests.customer_id = :p0
    LEFT JOIN bugs
      ON bugs.test_feature_id = test_features.id AND bugs.customer_id = :p0
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
    WHERE
      test_features.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
    GROUP BY
      1
  ) AS test_features_by_key
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON test_features_by_key.tester_id = testers.id
), bugs_facts AS (
  SELECT
    bugs_by_key.tester_id AS tester_id,
    testers.username AS tester,
    bugs_by_key.active_testers AS active_testers
  FROM (
    SELECT
      testers.id AS tester_id,
      COUNT(DISTINCT bugs.reported_by_user_id) AS active_testers
    FROM bugs
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
  ) AS bugs_by_key
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON bugs_by_key.tester_id = testers.id
), merged AS (
  SELECT
    tester_id,
    tester,
    COALESCE(MAX(features_tested), 0) AS features_tested,
    COALESCE(MAX(active_testers), 0) AS active_testers
  FROM (
    SELECT
      tester_id,
      tester,
      features_tested,
      NULL AS active_testers
    FROM test_features_facts
    UNION ALL
    SELECT
      tester_id,
      tester,
      NULL AS features_tested,
      active_testers
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  tester_id,
  tester,
  features_tested,
  active_testers
FROM merged
ORDER BY
  features_tested DESC,
  tester ASC NULLS LAST,
  tester_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH test_features_facts AS (
  SELECT
    test_features_by_key.tester_id AS tester_id,
    testers.username AS tester,
    test_features_by_key.features_tested AS features_tested
  FROM (
    SELECT
      testers.id AS tester_id,
      COUNT(DISTINCT test_features.feature_id) AS features_tested
    FROM test_features
    INNER JOIN tests
      ON test_features.test_id = tests.id AND tests.customer_id = $p0
    LEFT JOIN bugs
      ON bugs.test_feature_id = test_features.id AND bugs.customer_id = $p0
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
    WHERE
      test_features.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS test_features_by_key
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON test_features_by_key.tester_id = testers.id
), bugs_facts AS (
  SELECT
    bugs_by_key.tester_id AS tester_id,
    testers.username AS tester,
    bugs_by_key.active_testers AS active_testers
  FROM (
    SELECT
      testers.id AS tester_id,
      COUNT(DISTINCT bugs.reported_by_user_id) AS active_testers
    FROM bugs
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
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = $p0
    WHERE
      bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON bugs_by_key.tester_id = testers.id
), merged AS (
  SELECT
    tester_id,
    tester,
    COALESCE(MAX(features_tested), 0) AS features_tested,
    COALESCE(MAX(active_testers), 0) AS active_testers
  FROM (
    SELECT
      tester_id,
      tester,
      features_tested,
      NULL AS active_testers
    FROM test_features_facts
    UNION ALL
    SELECT
      tester_id,
      tester,
      NULL AS features_tested,
      active_testers
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  tester_id,
  tester,
  features_tested,
  active_testers
FROM merged
ORDER BY
  features_tested DESC,
  tester ASC,
  tester_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH test_features_facts AS (
  SELECT
    test_features_by_key.tester_id AS tester_id,
    testers.username COLLATE "C" AS tester,
    CAST(test_features_by_key.features_tested AS BIGINT) AS features_tested
  FROM (
    SELECT
      testers.id AS tester_id,
      COUNT(DISTINCT test_features.feature_id) AS features_tested
    FROM test_features
    INNER JOIN tests
      ON test_features.test_id = tests.id AND tests.customer_id = %(p0)s
    LEFT JOIN bugs
      ON bugs.test_feature_id = test_features.id AND bugs.customer_id = %(p0)s
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
    WHERE
      test_features.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS test_features_by_key
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON test_features_by_key.tester_id = testers.id
), bugs_facts AS (
  SELECT
    bugs_by_key.tester_id AS tester_id,
    testers.username COLLATE "C" AS tester,
    CAST(bugs_by_key.active_testers AS BIGINT) AS active_testers
  FROM (
    SELECT
      testers.id AS tester_id,
      COUNT(DISTINCT bugs.reported_by_user_id) AS active_testers
    FROM bugs
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
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
    WHERE
      bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN (
    SELECT
      id,
      customer_id,
      username
    FROM users
    WHERE
      is_tester
  ) AS testers
    ON bugs_by_key.tester_id = testers.id
), merged AS (
  SELECT
    tester_id,
    tester,
    COALESCE(MAX(features_tested), 0) AS features_tested,
    COALESCE(MAX(active_testers), 0) AS active_testers
  FROM (
    SELECT
      tester_id,
      tester,
      features_tested,
      CAST(NULL AS BIGINT) AS active_testers
    FROM test_features_facts
    UNION ALL
    SELECT
      tester_id,
      tester,
      CAST(NULL AS BIGINT) AS features_tested,
      active_testers
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  tester_id,
  tester,
  features_tested,
  active_testers
FROM merged
ORDER BY
  features_tested DESC NULLS LAST,
  tester ASC,
  tester_id ASC
LIMIT 1000

-- check
SELECT
  u.id, u.username, COUNT(DISTINCT x.feature_id),
  (SELECT COUNT(DISTINCT b.reported_by_user_id) FROM bugs AS b JOIN tests AS t ON t.id = b.test_id
    LEFT JOIN users AS v ON v.id = b.reported_by_user_id AND v.is_tester
   WHERE b.customer_id = 1 AND t.status IN ('running', 'locked', 'archived') AND v.id IS NOT DISTINCT FROM u.id)
FROM (
  SELECT tf.feature_id, b.reported_by_user_id AS user_id FROM test_features AS tf JOIN tests AS t ON t.id = tf.test_id
  LEFT JOIN bugs AS b ON b.test_feature_id = tf.id WHERE tf.customer_id = 1 AND t.status IN ('running', 'locked', 'archived')
  UNION ALL SELECT NULL, reported_by_user_id FROM bugs WHERE customer_id = 1
) AS x LEFT JOIN users AS u ON u.id = x.user_id AND u.is_tester
GROUP BY 1, 2 ORDER BY 3 DESC, 2 NULLS LAST
