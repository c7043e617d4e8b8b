/*
about: >-
  A dimension that is a metric of each row: customers by what they spent.
model: shop
query: {"measures": ["customers.count"], "dimensions": ["customers.spent"], "order": [["customers.spent", "desc"]]}
*/

-- sqlite
SELECT
  orders_revenue.value AS customers__spent,
  COUNT(*) AS customers__count
FROM customers
LEFT JOIN (
  SELECT
    customers.id AS id,
    SUM(orders_by_key.value) AS value
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS value
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
) AS orders_revenue
  ON customers.id = orders_revenue.id
GROUP BY
  1
ORDER BY
  customers__spent DESC
LIMIT 10000

-- postgres
SELECT
  orders_revenue.value AS customers__spent,
  COUNT(*) AS customers__count
FROM customers
LEFT JOIN (
  SELECT
    customers.id AS id,
    SUM(orders_by_key.value) AS value
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS value
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
) AS orders_revenue
  ON customers.id = orders_revenue.id
GROUP BY
  1
ORDER BY
  customers__spent DESC NULLS LAST
LIMIT 10000

-- check
SELECT spent, COUNT(*) FROM (
  SELECT id, (SELECT SUM(amount) FROM orders WHERE customer_id = customers.id) AS spent FROM customers
) AS t GROUP BY spent ORDER BY spent DESC NULLS LAST
