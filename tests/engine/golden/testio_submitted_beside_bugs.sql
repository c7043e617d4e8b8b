/*
about: >-
  Each test counts once, also beside a metric of its bugs, and in any status; bugs are those of executed tests.
model: testio
query: {"metrics": ["tests_submitted", "tests_created", "test_count", "bug_count"], "dimensions": ["product"]}
*/

-- sqlite {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH tests_facts AS (
  SELECT
    products.id AS product_id,
    products.title AS product,
    SUM(tests_by_key.tests_submitted) AS tests_submitted,
    SUM(tests_by_key.tests_created) AS tests_created
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(CASE WHEN tests.submitted_by_user_id IS NOT NULL THEN 1 END) AS tests_submitted,
      COUNT(CASE WHEN tests.created_by_user_id IS NOT NULL THEN 1 END) AS tests_created
    FROM tests
    WHERE
      tests.customer_id = :p0
    GROUP BY
      1
  ) AS tests_by_key
  LEFT JOIN products
    ON tests_by_key.product_id_ = products.id AND products.customer_id = :p0
  GROUP BY
    1,
    2
), tests_facts_ AS (
  SELECT
    products.id AS product_id,
    products.title AS product,
    SUM(tests__by_key.test_count) AS test_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS test_count
    FROM tests
    WHERE
      tests.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
    GROUP BY
      1
  ) AS tests__by_key
  LEFT JOIN products
    ON tests__by_key.product_id_ = products.id AND products.customer_id = :p0
  GROUP BY
    1,
    2
), bugs_facts AS (
  SELECT
    products.id AS product_id,
    products.title AS product,
    SUM(bugs_by_key.bug_count) AS bug_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS bug_count
    FROM bugs
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = :p0
    WHERE
      bugs.customer_id = :p0 AND tests.status IN (:p1, :p2, :p3)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN products
    ON bugs_by_key.product_id_ = products.id AND products.customer_id = :p0
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    product_id,
    product,
    COALESCE(MAX(tests_submitted), 0) AS tests_submitted,
    COALESCE(MAX(tests_created), 0) AS tests_created,
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      product_id,
      product,
      tests_submitted,
      tests_created,
      NULL AS test_count,
      NULL AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      product_id,
      product,
      NULL AS tests_submitted,
      NULL AS tests_created,
      test_count,
      NULL AS bug_count
    FROM tests_facts_
    UNION ALL
    SELECT
      product_id,
      product,
      NULL AS tests_submitted,
      NULL AS tests_created,
      NULL AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  product_id,
  product,
  tests_submitted,
  tests_created,
  test_count,
  bug_count
FROM merged
ORDER BY
  tests_submitted DESC,
  product ASC NULLS LAST,
  product_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH tests_facts AS (
  SELECT
    products.id AS product_id,
    products.title AS product,
    SUM(tests_by_key.tests_submitted) AS tests_submitted,
    SUM(tests_by_key.tests_created) AS tests_created
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(CASE WHEN tests.submitted_by_user_id IS NOT NULL THEN 1 END) AS tests_submitted,
      COUNT(CASE WHEN tests.created_by_user_id IS NOT NULL THEN 1 END) AS tests_created
    FROM tests
    WHERE
      tests.customer_id = $p0
    GROUP BY
      1
  ) AS tests_by_key
  LEFT JOIN products
    ON tests_by_key.product_id_ = products.id AND products.customer_id = $p0
  GROUP BY
    1,
    2
), tests_facts_ AS (
  SELECT
    products.id AS product_id,
    products.title AS product,
    SUM(tests__by_key.test_count) AS test_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS test_count
    FROM tests
    WHERE
      tests.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS tests__by_key
  LEFT JOIN products
    ON tests__by_key.product_id_ = products.id AND products.customer_id = $p0
  GROUP BY
    1,
    2
), bugs_facts AS (
  SELECT
    products.id AS product_id,
    products.title AS product,
    SUM(bugs_by_key.bug_count) AS bug_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS bug_count
    FROM bugs
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = $p0
    WHERE
      bugs.customer_id = $p0 AND tests.status IN ($p1, $p2, $p3)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN products
    ON bugs_by_key.product_id_ = products.id AND products.customer_id = $p0
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    product_id,
    product,
    COALESCE(MAX(tests_submitted), 0) AS tests_submitted,
    COALESCE(MAX(tests_created), 0) AS tests_created,
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      product_id,
      product,
      tests_submitted,
      tests_created,
      NULL AS test_count,
      NULL AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      product_id,
      product,
      NULL AS tests_submitted,
      NULL AS tests_created,
      test_count,
      NULL AS bug_count
    FROM tests_facts_
    UNION ALL
    SELECT
      product_id,
      product,
      NULL AS tests_submitted,
      NULL AS tests_created,
      NULL AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  product_id,
  product,
  tests_submitted,
  tests_created,
  test_count,
  bug_count
FROM merged
ORDER BY
  tests_submitted DESC,
  product ASC,
  product_id ASC
LIMIT 1000

-- postgres {"p0": 1, "p1": "running", "p2": "locked", "p3": "archived"}
WITH tests_facts AS (
  SELECT
    products.id AS product_id,
    products.title COLLATE "C" AS product,
    CAST(SUM(tests_by_key.tests_submitted) AS BIGINT) AS tests_submitted,
    CAST(SUM(tests_by_key.tests_created) AS BIGINT) AS tests_created
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(CASE WHEN tests.submitted_by_user_id IS NOT NULL THEN 1 END) AS tests_submitted,
      COUNT(CASE WHEN tests.created_by_user_id IS NOT NULL THEN 1 END) AS tests_created
    FROM tests
    WHERE
      tests.customer_id = %(p0)s
    GROUP BY
      1
  ) AS tests_by_key
  LEFT JOIN products
    ON tests_by_key.product_id_ = products.id AND products.customer_id = %(p0)s
  GROUP BY
    1,
    2
), tests_facts_ AS (
  SELECT
    products.id AS product_id,
    products.title COLLATE "C" AS product,
    CAST(SUM(tests__by_key.test_count) AS BIGINT) AS test_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS test_count
    FROM tests
    WHERE
      tests.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS tests__by_key
  LEFT JOIN products
    ON tests__by_key.product_id_ = products.id AND products.customer_id = %(p0)s
  GROUP BY
    1,
    2
), bugs_facts AS (
  SELECT
    products.id AS product_id,
    products.title COLLATE "C" AS product,
    CAST(SUM(bugs_by_key.bug_count) AS BIGINT) AS bug_count
  FROM (
    SELECT
      tests.product_id AS product_id_,
      COUNT(*) AS bug_count
    FROM bugs
    INNER JOIN tests
      ON bugs.test_id = tests.id AND tests.customer_id = %(p0)s
    WHERE
      bugs.customer_id = %(p0)s AND tests.status IN (%(p1)s, %(p2)s, %(p3)s)
    GROUP BY
      1
  ) AS bugs_by_key
  LEFT JOIN products
    ON bugs_by_key.product_id_ = products.id AND products.customer_id = %(p0)s
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    product_id,
    product,
    COALESCE(MAX(tests_submitted), 0) AS tests_submitted,
    COALESCE(MAX(tests_created), 0) AS tests_created,
    COALESCE(MAX(test_count), 0) AS test_count,
    COALESCE(MAX(bug_count), 0) AS bug_count
  FROM (
    SELECT
      product_id,
      product,
      tests_submitted,
      tests_created,
      CAST(NULL AS BIGINT) AS test_count,
      CAST(NULL AS BIGINT) AS bug_count
    FROM tests_facts
    UNION ALL
    SELECT
      product_id,
      product,
      CAST(NULL AS BIGINT) AS tests_submitted,
      CAST(NULL AS BIGINT) AS tests_created,
      test_count,
      CAST(NULL AS BIGINT) AS bug_count
    FROM tests_facts_
    UNION ALL
    SELECT
      product_id,
      product,
      CAST(NULL AS BIGINT) AS tests_submitted,
      CAST(NULL AS BIGINT) AS tests_created,
      CAST(NULL AS BIGINT) AS test_count,
      bug_count
    FROM bugs_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  product_id,
  product,
  tests_submitted,
  tests_created,
  test_count,
  bug_count
FROM merged
ORDER BY
  tests_submitted DESC NULLS LAST,
  product ASC,
  product_id ASC
LIMIT 1000

-- check
SELECT
  p.id, p.title,
  (SELECT COUNT(*) FROM tests AS t WHERE t.product_id = p.id AND submitted_by_user_id IS NOT NULL),
  (SELECT COUNT(*) FROM tests AS t WHERE t.product_id = p.id AND created_by_user_id IS NOT NULL),
  (SELECT COUNT(*) FROM tests AS t WHERE t.product_id = p.id AND status IN ('running', 'locked', 'archived')),
  (SELECT COUNT(*) FROM bugs AS b JOIN tests AS t ON t.id = b.test_id WHERE t.product_id = p.id AND t.status IN ('running', 'locked', 'archived'))
FROM products AS p WHERE p.customer_id = 1 ORDER BY 3 DESC
