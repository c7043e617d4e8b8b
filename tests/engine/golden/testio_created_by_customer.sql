/*
about: >-
  Only tests with a creator were created by somebody; those without one are a group of their own, at 0.
model: testio
query: {"metrics": ["tests_created"], "dimensions": ["customer"]}
*/

-- sqlite {"p0": 1}
SELECT
  customers.id AS customer_id,
  customers.username AS customer,
  SUM(tests_by_key.tests_created) AS tests_created
FROM (
  SELECT
    tests.created_by_user_id AS created_by_user_id,
    COUNT(CASE WHEN tests.created_by_user_id IS NOT NULL THEN 1 END) AS tests_created
  FROM tests
  WHERE
    tests.customer_id = :p0
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_customer
) AS customers
  ON tests_by_key.created_by_user_id = customers.id AND customers.customer_id = :p0
GROUP BY
  1,
  2
ORDER BY
  tests_created DESC,
  customer ASC NULLS LAST,
  customer_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1}
SELECT
  customers.id AS customer_id,
  customers.username AS customer,
  SUM(tests_by_key.tests_created) AS tests_created
FROM (
  SELECT
    tests.created_by_user_id AS created_by_user_id,
    COUNT(CASE WHEN tests.created_by_user_id IS NOT NULL THEN 1 END) AS tests_created
  FROM tests
  WHERE
    tests.customer_id = $p0
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_customer
) AS customers
  ON tests_by_key.created_by_user_id = customers.id AND customers.customer_id = $p0
GROUP BY
  1,
  2
ORDER BY
  tests_created DESC,
  customer ASC,
  customer_id ASC
LIMIT 1000

-- postgres {"p0": 1}
SELECT
  customers.id AS customer_id,
  customers.username COLLATE "C" AS customer,
  SUM(tests_by_key.tests_created) AS tests_created
FROM (
  SELECT
    tests.created_by_user_id AS created_by_user_id,
    COUNT(CASE WHEN tests.created_by_user_id IS NOT NULL THEN 1 END) AS tests_created
  FROM tests
  WHERE
    tests.customer_id = %(p0)s
  GROUP BY
    1
) AS tests_by_key
LEFT JOIN (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_customer
) AS customers
  ON tests_by_key.created_by_user_id = customers.id AND customers.customer_id = %(p0)s
GROUP BY
  1,
  2
ORDER BY
  tests_created DESC NULLS LAST,
  customer ASC,
  customer_id ASC
LIMIT 1000

-- check
SELECT u.id, u.username, COUNT(created_by_user_id)
FROM tests AS t LEFT JOIN users AS u ON u.id = t.created_by_user_id AND u.is_customer
WHERE t.customer_id = 1 GROUP BY 1, 2 ORDER BY 3 DESC, 2 NULLS LAST
