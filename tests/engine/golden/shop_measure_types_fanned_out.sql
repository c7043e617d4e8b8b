/*
about: >-
  The same aggregates where a join repeats rows: each row is taken once a group before it is aggregated (rule 3).
model: shop
query: {"measures": ["orders.revenue", "orders.smallest", "orders.average", "orders.customers", "orders.pending_revenue", "orders.completed_count", "orders.mean_by_hand"], "dimensions": ["items.product"], "order": {"items.product": "asc"}}
*/

-- sqlite
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  MIN(orders_once.revenue) AS orders__smallest,
  AVG(orders_once.revenue) AS orders__average,
  COUNT(DISTINCT orders_once.customers) AS orders__customers,
  COALESCE(SUM(orders_once.pending_revenue), 0) AS orders__pending_revenue,
  COUNT(orders_once.completed_count) AS orders__completed_count,
  CAST(SUM(orders_once.revenue) AS REAL) / NULLIF(COUNT(orders_once.key__id), 0) AS orders__mean_by_hand
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product AS items__product,
    orders.amount AS revenue,
    orders.customer_id AS customers,
    CASE WHEN orders.status = 'pending' THEN orders.amount END AS pending_revenue,
    CASE WHEN orders.status = 'completed' THEN 1 END AS completed_count
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  items__product ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  MIN(orders_once.revenue) AS orders__smallest,
  AVG(orders_once.revenue) AS orders__average,
  COUNT(DISTINCT orders_once.customers) AS orders__customers,
  COALESCE(SUM(orders_once.pending_revenue), 0) AS orders__pending_revenue,
  COUNT(orders_once.completed_count) AS orders__completed_count,
  CAST(SUM(orders_once.revenue) AS DOUBLE) / NULLIF(COUNT(orders_once.key__id), 0) AS orders__mean_by_hand
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product AS items__product,
    orders.amount AS revenue,
    orders.customer_id AS customers,
    CASE WHEN orders.status = 'pending' THEN orders.amount END AS pending_revenue,
    CASE WHEN orders.status = 'completed' THEN 1 END AS completed_count
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  items__product ASC
LIMIT 10000

-- postgres
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  MIN(orders_once.revenue) AS orders__smallest,
  AVG(orders_once.revenue) AS orders__average,
  COUNT(DISTINCT orders_once.customers) AS orders__customers,
  COALESCE(SUM(orders_once.pending_revenue), 0) AS orders__pending_revenue,
  COUNT(orders_once.completed_count) AS orders__completed_count,
  CAST(SUM(orders_once.revenue) AS DOUBLE PRECISION) / NULLIF(COUNT(orders_once.key__id), 0) AS orders__mean_by_hand
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product COLLATE "C" AS items__product,
    orders.amount AS revenue,
    orders.customer_id AS customers,
    CASE WHEN orders.status = 'pending' THEN orders.amount END AS pending_revenue,
    CASE WHEN orders.status = 'completed' THEN 1 END AS completed_count
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  items__product ASC
LIMIT 10000

-- check
SELECT
  product, SUM(amount), MIN(amount), AVG(amount), COUNT(DISTINCT customer_id),
  COALESCE(SUM(CASE WHEN status = 'pending' THEN amount END), 0), SUM(CASE WHEN status = 'completed' THEN 1 ELSE 0 END),
  CAST(SUM(amount) AS DOUBLE PRECISION) / COUNT(*)
FROM (SELECT DISTINCT orders.*, items.product FROM orders LEFT JOIN items ON items.order_id = orders.id) AS once
GROUP BY product ORDER BY product NULLS LAST
