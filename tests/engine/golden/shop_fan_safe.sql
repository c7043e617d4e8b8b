/*
about: >-
  What a repeated row does not change is aggregated over the plain join: no row has to be taken once.
model: shop
query: {"measures": ["orders.smallest", "orders.largest", "orders.customers"], "dimensions": ["items.product"], "order": {"items.product": "desc"}}
*/

-- sqlite
SELECT
  items.product AS items__product,
  MIN(orders.amount) AS orders__smallest,
  MAX(orders.amount) AS orders__largest,
  COUNT(DISTINCT orders.customer_id) AS orders__customers
FROM orders
LEFT JOIN items
  ON items.order_id = orders.id
GROUP BY
  1
ORDER BY
  items__product DESC
LIMIT 10000

-- postgres
SELECT
  items.product COLLATE "C" AS items__product,
  MIN(orders.amount) AS orders__smallest,
  MAX(orders.amount) AS orders__largest,
  COUNT(DISTINCT orders.customer_id) AS orders__customers
FROM orders
LEFT JOIN items
  ON items.order_id = orders.id
GROUP BY
  1
ORDER BY
  items__product DESC NULLS LAST
LIMIT 10000

-- check
SELECT product, MIN(amount), MAX(amount), COUNT(DISTINCT customer_id)
FROM orders LEFT JOIN items ON items.order_id = orders.id GROUP BY product ORDER BY product DESC NULLS LAST
