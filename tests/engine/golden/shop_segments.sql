/*
about: >-
  Segments: one of the home's partner, one that itself reads a partner.
model: shop
query: {"measures": ["orders.count"], "dimensions": ["orders.status"], "segments": ["customers.adults_in_the_east", "orders.of_young_customers"]}
*/

-- sqlite
SELECT
  orders.status AS orders__status,
  COUNT(*) AS orders__count
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    customers.region = 'EAST' AND customers.age >= 40
  ) AND customers.age < 45
GROUP BY
  1
ORDER BY
  orders__count DESC,
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  orders.status AS orders__status,
  COUNT(*) AS orders__count
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    customers.region = 'EAST' AND customers.age >= 40
  ) AND customers.age < 45
GROUP BY
  1
ORDER BY
  orders__count DESC,
  orders__status ASC
LIMIT 10000

-- postgres
SELECT
  orders.status COLLATE "C" AS orders__status,
  COUNT(*) AS orders__count
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    customers.region = 'EAST' AND customers.age >= 40
  ) AND customers.age < 45
GROUP BY
  1
ORDER BY
  orders__count DESC NULLS LAST,
  orders__status ASC
LIMIT 10000

-- check
SELECT status, COUNT(*) FROM orders JOIN customers ON customers.id = customer_id
WHERE region = 'EAST' AND age >= 40 AND age < 45 GROUP BY 1 ORDER BY 2 DESC
