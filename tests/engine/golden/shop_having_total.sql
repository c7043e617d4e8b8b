/*
about: >-
  A filter on a metric where there is one row: the row stands or falls.
model: shop
query: {"measures": ["orders.count"], "filters": [{"member": "orders.revenue", "operator": "lt", "values": [465]}]}
*/

-- sqlite {"p0": 465}
WITH orders_facts AS (
  SELECT
    COUNT(*) AS orders__count,
    SUM(orders.amount) AS orders__revenue
  FROM orders
), merged AS (
  SELECT
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders__count,
      orders__revenue
    FROM orders_facts
  ) AS facts
)
SELECT
  orders__count
FROM merged
WHERE
  orders__revenue < :p0

-- postgres {"p0": 465}
WITH orders_facts AS (
  SELECT
    CAST(COUNT(*) AS BIGINT) AS orders__count,
    CAST(SUM(orders.amount) AS DOUBLE PRECISION) AS orders__revenue
  FROM orders
), merged AS (
  SELECT
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders__count,
      orders__revenue
    FROM orders_facts
  ) AS facts
)
SELECT
  orders__count
FROM merged
WHERE
  orders__revenue < %(p0)s

-- check
SELECT COUNT(*) FROM orders HAVING SUM(amount) < 465
