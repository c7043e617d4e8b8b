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

-- check
SELECT COUNT(*) FROM orders
