/*
about: >-
  Ratios divide after aggregation, as reals, and are null where the divisor is 0 or missing; one is of two facts (rule
  9).
model: shop
query: {"measures": ["orders.completion_rate", "orders.items_per_order"], "dimensions": ["customers.region"], "order": {"customers.region": "asc"}}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__completed_count) AS orders__completed_count,
    SUM(orders_by_key.orders__count) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count,
      COUNT(*) AS orders__count
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), items_facts AS (
  SELECT
    customers.region AS customers__region,
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
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(orders__completed_count), 0) AS orders__completed_count,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(items__qty) AS items__qty
  FROM (
    SELECT
      customers__region,
      orders__completed_count,
      orders__count,
      NULL AS items__qty
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__completed_count,
      NULL AS orders__count,
      items__qty
    FROM items_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  1.0 * orders__completed_count / NULLIF(orders__count, 0) AS orders__completion_rate,
  CAST(items__qty AS REAL) / NULLIF(orders__count, 0) AS orders__items_per_order
FROM merged
ORDER BY
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__completed_count) AS orders__completed_count,
    SUM(orders_by_key.orders__count) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count,
      COUNT(*) AS orders__count
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), items_facts AS (
  SELECT
    customers.region AS customers__region,
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
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(orders__completed_count), 0) AS orders__completed_count,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(items__qty) AS items__qty
  FROM (
    SELECT
      customers__region,
      orders__completed_count,
      orders__count,
      NULL AS items__qty
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__completed_count,
      NULL AS orders__count,
      items__qty
    FROM items_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  1.0 * orders__completed_count / NULLIF(orders__count, 0) AS orders__completion_rate,
  CAST(items__qty AS DOUBLE) / NULLIF(orders__count, 0) AS orders__items_per_order
FROM merged
ORDER BY
  customers__region ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(orders_by_key.orders__completed_count) AS BIGINT) AS orders__completed_count,
    CAST(SUM(orders_by_key.orders__count) AS BIGINT) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count,
      COUNT(*) AS orders__count
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), items_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
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
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(orders__completed_count), 0) AS orders__completed_count,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(items__qty) AS items__qty
  FROM (
    SELECT
      customers__region,
      orders__completed_count,
      orders__count,
      CAST(NULL AS DOUBLE PRECISION) AS items__qty
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS BIGINT) AS orders__completed_count,
      CAST(NULL AS BIGINT) AS orders__count,
      items__qty
    FROM items_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  1.0 * orders__completed_count / NULLIF(orders__count, 0) AS orders__completion_rate,
  CAST(items__qty AS DOUBLE PRECISION) / NULLIF(orders__count, 0) AS orders__items_per_order
FROM merged
ORDER BY
  customers__region ASC
LIMIT 10000

-- check
WITH o AS (
  SELECT region, COUNT(*) AS orders, SUM(CASE WHEN status = 'completed' THEN 1 ELSE 0 END) AS completed
  FROM orders LEFT JOIN customers ON customers.id = orders.customer_id GROUP BY region
), i AS (
  SELECT region, SUM(qty) AS qty
  FROM items LEFT JOIN orders ON orders.id = items.order_id LEFT JOIN customers ON customers.id = orders.customer_id
  GROUP BY region
)
SELECT o.region, completed * 1.0 / orders, qty * 1.0 / orders
FROM o LEFT JOIN i ON i.region = o.region OR (i.region IS NULL AND o.region IS NULL) ORDER BY o.region NULLS LAST
