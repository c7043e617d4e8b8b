/*
about: >-
  A filter on a metric applies to groups; the metric need not be shown.
model: shop
query: {"measures": ["orders.revenue"], "dimensions": ["customers.region"], "filters": [{"member": "orders.count", "operator": "gt", "values": [1]}]}
*/

-- sqlite {"p0": 1}
SELECT
  customers.region AS customers__region,
  SUM(orders_by_key.orders__revenue) AS orders__revenue
FROM (
  SELECT
    orders.customer_id AS customer_id,
    SUM(orders.amount) AS orders__revenue,
    COUNT(*) AS orders__count
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
HAVING
  SUM(orders_by_key.orders__count) > :p0
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": 1}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue,
    SUM(orders_by_key.orders__count) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue,
      COUNT(*) AS orders__count
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    MAX(orders__revenue) AS orders__revenue,
    COALESCE(MAX(orders__count), 0) AS orders__count
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      orders__count
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__revenue
FROM merged
WHERE
  orders__count > $p0
ORDER BY
  orders__revenue DESC,
  customers__region ASC
LIMIT 10000

-- postgres {"p0": 1}
SELECT
  customers.region COLLATE "C" AS customers__region,
  SUM(orders_by_key.orders__revenue) AS orders__revenue
FROM (
  SELECT
    orders.customer_id AS customer_id,
    SUM(orders.amount) AS orders__revenue,
    COUNT(*) AS orders__count
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
HAVING
  SUM(orders_by_key.orders__count) > %(p0)s
ORDER BY
  orders__revenue DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
SELECT region, SUM(amount) FROM orders LEFT JOIN customers ON customers.id = customer_id
GROUP BY region HAVING COUNT(*) > 1 ORDER BY 2 DESC
