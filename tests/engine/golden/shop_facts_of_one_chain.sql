/*
about: >-
  A fact and the one below it: neither the number of items nor the order of the metrics changes the revenue (rule 3).
model: shop
query: {"measures": ["items.qty", "orders.revenue"], "dimensions": ["orders.status"]}
*/

-- sqlite
WITH items_facts AS (
  SELECT
    orders.status AS orders__status,
    SUM(items_by_key.items__qty) AS items__qty
  FROM (
    SELECT
      items.order_id AS order_id,
      SUM(items.qty) AS items__qty
    FROM items
    GROUP BY
      1
  ) AS items_by_key
  LEFT JOIN orders
    ON items_by_key.order_id = orders.id
  GROUP BY
    1
), orders_facts AS (
  SELECT
    orders.status AS orders__status,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
), merged AS (
  SELECT
    orders__status,
    MAX(items__qty) AS items__qty,
    MAX(orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders__status,
      items__qty,
      NULL AS orders__revenue
    FROM items_facts
    UNION ALL
    SELECT
      orders__status,
      NULL AS items__qty,
      orders__revenue
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__status,
  items__qty,
  orders__revenue
FROM merged
ORDER BY
  items__qty DESC,
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH items_facts AS (
  SELECT
    orders.status AS orders__status,
    SUM(items_by_key.items__qty) AS items__qty
  FROM (
    SELECT
      items.order_id AS order_id,
      SUM(items.qty) AS items__qty
    FROM items
    GROUP BY
      1
  ) AS items_by_key
  LEFT JOIN orders
    ON items_by_key.order_id = orders.id
  GROUP BY
    1
), orders_facts AS (
  SELECT
    orders.status AS orders__status,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
), merged AS (
  SELECT
    orders__status,
    MAX(items__qty) AS items__qty,
    MAX(orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders__status,
      items__qty,
      NULL AS orders__revenue
    FROM items_facts
    UNION ALL
    SELECT
      orders__status,
      NULL AS items__qty,
      orders__revenue
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__status,
  items__qty,
  orders__revenue
FROM merged
ORDER BY
  items__qty DESC,
  orders__status ASC
LIMIT 10000

-- postgres
WITH items_facts AS (
  SELECT
    orders.status COLLATE "C" AS orders__status,
    CAST(SUM(items_by_key.items__qty) AS DOUBLE PRECISION) AS items__qty
  FROM (
    SELECT
      items.order_id AS order_id,
      SUM(items.qty) AS items__qty
    FROM items
    GROUP BY
      1
  ) AS items_by_key
  LEFT JOIN orders
    ON items_by_key.order_id = orders.id
  GROUP BY
    1
), orders_facts AS (
  SELECT
    orders.status COLLATE "C" AS orders__status,
    CAST(SUM(orders.amount) AS DOUBLE PRECISION) AS orders__revenue
  FROM orders
  GROUP BY
    1
), merged AS (
  SELECT
    orders__status,
    MAX(items__qty) AS items__qty,
    MAX(orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders__status,
      items__qty,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue
    FROM items_facts
    UNION ALL
    SELECT
      orders__status,
      CAST(NULL AS DOUBLE PRECISION) AS items__qty,
      orders__revenue
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__status,
  items__qty,
  orders__revenue
FROM merged
ORDER BY
  items__qty DESC NULLS LAST,
  orders__status ASC
LIMIT 10000

-- check
SELECT
  status,
  (SELECT SUM(qty) FROM items JOIN orders AS p ON p.id = items.order_id WHERE p.status = o.status) AS qty,
  SUM(amount) AS revenue
FROM orders AS o GROUP BY status ORDER BY 2 DESC, 1
