/*
about: >-
  Filters nested in and/or, with a null among the values.
model: shop
query: {"measures": ["orders.revenue"], "dimensions": ["orders.id"], "filters": [{"or": [{"member": "customers.region", "operator": "equals", "values": ["WEST", null]}, {"and": [{"member": "orders.status", "operator": "notEquals", "values": ["completed"]}, {"member": "customers.age", "operator": "gte", "values": ["40"]}]}]}], "order": [["orders.id", "asc"]]}
*/

-- sqlite {"p0": "WEST", "p1": "completed", "p2": 40}
SELECT
  orders.id AS orders__id,
  SUM(orders.amount) AS orders__revenue
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    (
      customers.region = :p0 OR customers.region IS NULL
    )
    OR (
      (
        orders.status <> :p1 OR orders.status IS NULL
      ) AND customers.age >= :p2
    )
  )
GROUP BY
  1
ORDER BY
  orders__id ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "WEST", "p1": "completed", "p2": 40}
SELECT
  orders.id AS orders__id,
  SUM(orders.amount) AS orders__revenue
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    (
      customers.region = $p0 OR customers.region IS NULL
    )
    OR (
      (
        orders.status <> $p1 OR orders.status IS NULL
      ) AND customers.age >= $p2
    )
  )
GROUP BY
  1
ORDER BY
  orders__id ASC
LIMIT 10000

-- postgres {"p0": "WEST", "p1": "completed", "p2": 40}
SELECT
  orders.id AS orders__id,
  SUM(orders.amount) AS orders__revenue
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    (
      customers.region = %(p0)s OR customers.region IS NULL
    )
    OR (
      (
        orders.status <> %(p1)s OR orders.status IS NULL
      )
      AND customers.age >= %(p2)s
    )
  )
GROUP BY
  1
ORDER BY
  orders__id ASC
LIMIT 10000

-- check
SELECT orders.id, amount FROM orders LEFT JOIN customers ON customers.id = customer_id
WHERE region = 'WEST' OR region IS NULL OR (status <> 'completed' AND age >= 40) ORDER BY 1
