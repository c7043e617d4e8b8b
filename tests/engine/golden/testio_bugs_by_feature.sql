/*
about: >-
  Bugs that name no feature are the row without one; a deleted feature keeps its bugs; two features of one title stay
  two rows.
model: testio
query: {"metrics": ["bug_count", "critical_bug_count"], "dimensions": ["feature"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  features.id AS feature_id,
  features.title AS feature,
  SUM(bugs_by_key.bug_count) AS bug_count,
  SUM(bugs_by_key.critical_bug_count) AS critical_bug_count
FROM (
  SELECT
    bugs.test_feature_id AS test_feature_id,
    COUNT(*) AS bug_count,
    COUNT(CASE WHEN bugs.severity = 'critical' THEN 1 END) AS critical_bug_count
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
ORDER BY
  bug_count DESC,
  feature ASC NULLS LAST,
  feature_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  features.id AS feature_id,
  features.title AS feature,
  SUM(bugs_by_key.bug_count) AS bug_count,
  SUM(bugs_by_key.critical_bug_count) AS critical_bug_count
FROM (
  SELECT
    bugs.test_feature_id AS test_feature_id,
    COUNT(*) AS bug_count,
    COUNT(CASE WHEN bugs.severity = 'critical' THEN 1 END) AS critical_bug_count
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
ORDER BY
  bug_count DESC,
  feature ASC,
  feature_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
SELECT
  features.id AS feature_id,
  features.title COLLATE "C" AS feature,
  SUM(bugs_by_key.bug_count) AS bug_count,
  SUM(bugs_by_key.critical_bug_count) AS critical_bug_count
FROM (
  SELECT
    bugs.test_feature_id AS test_feature_id,
    COUNT(*) AS bug_count,
    COUNT(CASE WHEN bugs.severity = 'critical' THEN 1 END) AS critical_bug_count
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
ORDER BY
  bug_count DESC NULLS LAST,
  feature ASC,
  feature_id ASC
LIMIT 1000

-- check
SELECT f.id, f.title, COUNT(*), SUM(CASE WHEN severity = 'critical' THEN 1 ELSE 0 END)
FROM bugs JOIN tests ON tests.id = bugs.test_id
LEFT JOIN test_features AS tf ON tf.id = bugs.test_feature_id
LEFT JOIN features AS f ON f.id = tf.feature_id
WHERE bugs.customer_id = 1 AND tests.status IN ('running', 'locked', 'archived')
GROUP BY 1, 2 ORDER BY 3 DESC, 2 NULLS LAST, 1 NULLS LAST
