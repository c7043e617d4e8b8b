/*
about: >-
  An order counts once for each product in it, however many items; orders without items stand under null (rule 3).
model: shop
query: {"measures": ["orders.revenue", "orders.count"], "dimensions": ["items.product"]}
*/

-- sqlite
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  COUNT(*) AS orders__count
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product AS items__product,
    orders.amount AS revenue
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  orders__revenue DESC,
  items__product ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  COUNT(*) AS orders__count
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product AS items__product,
    orders.amount AS revenue
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  orders__revenue DESC,
  items__product ASC
LIMIT 10000

-- postgres
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  COUNT(*) AS orders__count
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product COLLATE "C" AS items__product,
    orders.amount AS revenue
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  orders__revenue DESC NULLS LAST,
  items__product ASC
LIMIT 10000

-- check
SELECT product, SUM(amount), COUNT(*)
FROM (
  SELECT orders.id, amount, (SELECT MIN(p.product) FROM (SELECT DISTINCT product FROM items) AS p WHERE p.product = x.product) AS product
  FROM orders LEFT JOIN (SELECT DISTINCT order_id, product FROM items) AS x ON x.order_id = orders.id
) AS t
GROUP BY product ORDER BY 2 DESC, 1 NULLS LAST
