/*
about: >-
  Who asks decides what is seen: the same question for another customer (rule 15).
model: testio
query: {"metrics": ["bug_count", "test_count"], "dimensions": ["feature"]}
security: {"customer_id": 2}
*/

-- sqlite {"p0": 2, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    features.id AS feature_id,
    features.title AS feature,
    SUM(bugs_by_key.bug_count) AS bug_count
  FROM (
    SELECT
      bugs.test_feature_id AS test_feature_id,
      COUNT(*) AS bug_count
    FROM bugs
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
  LEFT JOIN test_features
    ON bugs_by_key.test_feature_id = test_features.id
    AND test_features.customer_id = :p0
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = :p0
  GROUP BY
    1,
    2
), tests_facts AS (
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
), merged AS (
  SELECT
    feature_id,
    feature,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      feature_id,
      feature,
      bug_count,
      NULL AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      feature_id,
      feature,
      NULL AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  feature_id,
  feature,
  bug_count,
  test_count
FROM merged
ORDER BY
  bug_count DESC,
  feature ASC NULLS LAST,
  feature_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 2, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    features.id AS feature_id,
    features.title AS feature,
    SUM(bugs_by_key.bug_count) AS bug_count
  FROM (
    SELECT
      bugs.test_feature_id AS test_feature_id,
      COUNT(*) AS bug_count
    FROM bugs
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = $p0
    WHERE
      bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN test_features
    ON bugs_by_key.test_feature_id = test_features.id
    AND test_features.customer_id = $p0
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = $p0
  GROUP BY
    1,
    2
), tests_facts AS (
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
), merged AS (
  SELECT
    feature_id,
    feature,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      feature_id,
      feature,
      bug_count,
      NULL AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      feature_id,
      feature,
      NULL AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  feature_id,
  feature,
  bug_count,
  test_count
FROM merged
ORDER BY
  bug_count DESC,
  feature ASC,
  feature_id ASC
LIMIT 1000

-- postgres {"p0": 2, "p1": "running", "p2": "locked", "p3": "archived"}
WITH bugs_facts AS (
  SELECT
    features.id AS feature_id,
    features.title COLLATE "C" AS feature,
    CAST(SUM(bugs_by_key.bug_count) AS BIGINT) AS bug_count
  FROM (
    SELECT
      bugs.test_feature_id AS test_feature_id,
      COUNT(*) AS bug_count
    FROM bugs
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
    WHERE
      bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN test_features
    ON bugs_by_key.test_feature_id = test_features.id
    AND test_features.customer_id = %(p0)s
  LEFT JOIN features
    ON test_features.feature_id = features.id AND features.customer_id = %(p0)s
  GROUP BY
    1,
    2
), tests_facts AS (
  SELECT
    tests_by_key.feature_id AS feature_id,
    features.title COLLATE "C" AS feature,
    CAST(tests_by_key.test_count AS BIGINT) AS test_count
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
), merged AS (
  SELECT
    feature_id,
    feature,
    COALESCE(MAX(bug_count), 0) AS bug_count,
    COALESCE(MAX(test_count), 0) AS test_count
  FROM (
    SELECT
      feature_id,
      feature,
      bug_count,
      CAST(NULL AS BIGINT) AS test_count
    FROM bugs_facts
    UNION ALL
    SELECT
      feature_id,
      feature,
      CAST(NULL AS BIGINT) AS bug_count,
      test_count
    FROM tests_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  feature_id,
  feature,
  bug_count,
  test_count
FROM merged
ORDER BY
  bug_count DESC NULLS LAST,
  feature ASC,
  feature_id ASC
LIMIT 1000

-- check
SELECT 91, 'Login', 1, 1
