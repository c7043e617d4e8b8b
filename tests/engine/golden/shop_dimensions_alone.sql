/*
about: >-
  Dimensions without a metric: the combinations that there are, listed from the cube that reaches all of them (rule
  2).
model: shop
query: {"dimensions": ["customers.region", "orders.status"]}
*/

-- sqlite
SELECT
  customers.region AS customers__region,
  orders.status AS orders__status
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1,
  2
ORDER BY
  customers__region ASC NULLS LAST,
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  customers.region AS customers__region,
  orders.status AS orders__status
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1,
  2
ORDER BY
  customers__region ASC,
  orders__status ASC
LIMIT 10000

-- postgres
SELECT
  customers.region COLLATE "C" AS customers__region,
  orders.status COLLATE "C" AS orders__status
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1,
  2
ORDER BY
  customers__region ASC,
  orders__status ASC
LIMIT 10000

-- check
SELECT DISTINCT region, status FROM orders LEFT JOIN customers ON customers.id = customer_id ORDER BY 1 NULLS LAST, 2
