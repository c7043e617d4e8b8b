/*
about: >-
  Every simple aggregate, with a filter of its own and without; its filter changes a value and removes no group (rule
  2).
model: shop
query: {"measures": ["orders.count", "orders.revenue", "orders.smallest", "orders.largest", "orders.average", "orders.customers", "orders.pending_revenue", "orders.completed_count"], "dimensions": ["orders.status"], "order": {"orders.status": "asc"}}
*/

-- sqlite
SELECT
  orders.status AS orders__status,
  COUNT(*) AS orders__count,
  SUM(orders.amount) AS orders__revenue,
  MIN(orders.amount) AS orders__smallest,
  MAX(orders.amount) AS orders__largest,
  AVG(orders.amount) AS orders__average,
  COUNT(DISTINCT orders.customer_id) AS orders__customers,
  COALESCE(SUM(CASE WHEN orders.status = 'pending' THEN orders.amount END), 0) AS orders__pending_revenue,
  COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count
FROM orders
GROUP BY
  1
ORDER BY
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  orders.status AS orders__status,
  COUNT(*) AS orders__count,
  SUM(orders.amount) AS orders__revenue,
  MIN(orders.amount) AS orders__smallest,
  MAX(orders.amount) AS orders__largest,
  AVG(orders.amount) AS orders__average,
  COUNT(DISTINCT orders.customer_id) AS orders__customers,
  COALESCE(SUM(CASE WHEN orders.status = 'pending' THEN orders.amount END), 0) AS orders__pending_revenue,
  COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count
FROM orders
GROUP BY
  1
ORDER BY
  orders__status ASC
LIMIT 10000

-- postgres
SELECT
  orders.status COLLATE "C" AS orders__status,
  COUNT(*) AS orders__count,
  SUM(orders.amount) AS orders__revenue,
  MIN(orders.amount) AS orders__smallest,
  MAX(orders.amount) AS orders__largest,
  AVG(orders.amount) AS orders__average,
  COUNT(DISTINCT orders.customer_id) AS orders__customers,
  COALESCE(SUM(CASE WHEN orders.status = 'pending' THEN orders.amount END), 0) AS orders__pending_revenue,
  COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count
FROM orders
GROUP BY
  1
ORDER BY
  orders__status ASC
LIMIT 10000

-- check
SELECT
  status, COUNT(*), SUM(amount), MIN(amount), MAX(amount), AVG(amount), COUNT(DISTINCT customer_id),
  COALESCE(SUM(CASE WHEN status = 'pending' THEN amount END), 0), SUM(CASE WHEN status = 'completed' THEN 1 ELSE 0 END)
FROM orders GROUP BY status ORDER BY status
