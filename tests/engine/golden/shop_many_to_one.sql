/*
about: >-
  Orders of a customer who does not exist stand under null, beside those of a customer without a region (rules 2 and
  4).
model: shop
query: {"measures": ["orders.revenue"], "dimensions": ["customers.region"]}
*/

-- sqlite
SELECT
  customers.region AS customers__region,
  SUM(orders_by_key.orders__revenue) AS orders__revenue
FROM (
  SELECT
    orders.customer_id AS customer_id,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  customers.region AS customers__region,
  SUM(orders_by_key.orders__revenue) AS orders__revenue
FROM (
  SELECT
    orders.customer_id AS customer_id,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
ORDER BY
  orders__revenue DESC,
  customers__region ASC
LIMIT 10000

-- postgres
SELECT
  customers.region COLLATE "C" AS customers__region,
  SUM(orders_by_key.orders__revenue) AS orders__revenue
FROM (
  SELECT
    orders.customer_id AS customer_id,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
ORDER BY
  orders__revenue DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
SELECT (SELECT region FROM customers WHERE customers.id = orders.customer_id) AS region, SUM(amount) AS revenue
FROM orders GROUP BY 1 ORDER BY 2 DESC
