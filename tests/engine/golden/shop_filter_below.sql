/*
about: >-
  A filter on a one-to-many dimension that no group reads is asked for as an existence: rows are not repeated.
model: shop
query: {"measures": ["customers.count", "customers.average_age"], "dimensions": ["customers.region"], "filters": [{"member": "items.product", "operator": "equals", "values": ["A", "B"]}]}
*/

-- sqlite {"p0": "A", "p1": "B"}
SELECT
  customers.region AS customers__region,
  COUNT(*) AS customers__count,
  AVG(customers.age) AS customers__average_age
FROM customers
WHERE
  customers.id IN (
    SELECT
      orders.customer_id
    FROM orders
    INNER JOIN items
      ON items.order_id = orders.id
    WHERE
      items.product IN (:p0, :p1)
  )
GROUP BY
  1
ORDER BY
  customers__count DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "A", "p1": "B"}
SELECT
  customers.region AS customers__region,
  COUNT(*) AS customers__count,
  AVG(customers.age) AS customers__average_age
FROM customers
WHERE
  customers.id IN (
    SELECT
      orders.customer_id
    FROM orders
    INNER JOIN items
      ON items.order_id = orders.id
    WHERE
      items.product IN ($p0, $p1)
  )
GROUP BY
  1
ORDER BY
  customers__count DESC,
  customers__region ASC
LIMIT 10000

-- postgres {"p0": "A", "p1": "B"}
SELECT
  customers.region COLLATE "C" AS customers__region,
  COUNT(*) AS customers__count,
  AVG(customers.age) AS customers__average_age
FROM customers
WHERE
  customers.id IN (
    SELECT
      orders.customer_id
    FROM orders
    INNER JOIN items
      ON items.order_id = orders.id
    WHERE
      items.product IN (%(p0)s, %(p1)s)
  )
GROUP BY
  1
ORDER BY
  customers__count DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
SELECT region, COUNT(*), AVG(age) FROM customers
WHERE id IN (SELECT customer_id FROM orders WHERE id IN (SELECT order_id FROM items WHERE product IN ('A', 'B')))
GROUP BY region ORDER BY 2 DESC
