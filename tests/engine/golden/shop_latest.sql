/*
about: >-
  A metric whose value is a time, by an aggregate that the analyst wrote.
model: shop
query: {"measures": ["orders.last_order_at", "orders.mean_by_hand"], "dimensions": ["customers.region"], "order": {"customers.region": "asc"}}
*/

-- sqlite
SELECT
  customers.region AS customers__region,
  MAX(orders.created_at) AS orders__last_order_at,
  CAST(SUM(orders.amount) AS REAL) / NULLIF(COUNT(orders.id), 0) AS orders__mean_by_hand
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  customers.region AS customers__region,
  MAX(orders.created_at) AS orders__last_order_at,
  CAST(SUM(orders.amount) AS DOUBLE) / NULLIF(COUNT(orders.id), 0) AS orders__mean_by_hand
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  customers__region ASC
LIMIT 10000

-- postgres
SELECT
  customers.region COLLATE "C" AS customers__region,
  MAX(orders.created_at) AS orders__last_order_at,
  CAST(SUM(orders.amount) AS DOUBLE PRECISION) / NULLIF(COUNT(orders.id), 0) AS orders__mean_by_hand
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  customers__region ASC
LIMIT 10000

-- check
SELECT region, MAX(created_at), CAST(SUM(amount) AS DOUBLE PRECISION) / COUNT(*)
FROM orders LEFT JOIN customers ON customers.id = orders.customer_id GROUP BY region ORDER BY region NULLS LAST
