/*
about: >-
  One metric of one fact: no group, no join.
model: shop
query: {"measures": ["orders.count"]}
*/

-- sqlite
SELECT
  COUNT(*) AS orders__count
FROM orders
ORDER BY
  orders__count DESC
LIMIT 10000

-- postgres
SELECT
  COUNT(*) AS orders__count
FROM orders
ORDER BY
  orders__count DESC NULLS LAST
LIMIT 10000

-- check
SELECT COUNT(*) FROM orders
