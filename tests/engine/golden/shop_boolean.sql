/*
about: >-
  A boolean dimension, grouped and filtered.
model: shop
query: {"measures": ["orders.count"], "dimensions": ["orders.large"], "filters": [{"member": "orders.large", "operator": "equals", "values": ["true", "false"]}]}
*/

-- sqlite {"p0": 1, "p1": 0}
SELECT
  orders.amount >= 75 AS orders__large,
  COUNT(*) AS orders__count
FROM orders
WHERE
  (
    orders.amount >= 75
  ) IN (:p0, :p1)
GROUP BY
  1
ORDER BY
  orders__count DESC,
  orders__large ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": true, "p1": false}
SELECT
  orders.amount >= 75 AS orders__large,
  COUNT(*) AS orders__count
FROM orders
WHERE
  (
    orders.amount >= 75
  ) IN ($p0, $p1)
GROUP BY
  1
ORDER BY
  orders__count DESC,
  orders__large ASC
LIMIT 10000

-- postgres {"p0": true, "p1": false}
SELECT
  orders.amount >= 75 AS orders__large,
  COUNT(*) AS orders__count
FROM orders
WHERE
  (
    orders.amount >= 75
  ) IN (%(p0)s, %(p1)s)
GROUP BY
  1
ORDER BY
  orders__count DESC NULLS LAST,
  orders__large ASC
LIMIT 10000

-- check
SELECT amount >= 75, COUNT(*) FROM orders GROUP BY 1 ORDER BY 2 DESC, 1
