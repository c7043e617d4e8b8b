/*
about: >-
  The median of orders by product counts each order once a product, however many items of it.
model: shop
query: {"measures": ["orders.middle"], "dimensions": ["items.product"], "order": {"items.product": "asc"}}
*/

-- sqlite
SELECT
  orders_ranked.items__product AS items__product,
  SUM(
    CASE
      WHEN orders_ranked.middle__rank = CAST(0.5 * (
        orders_ranked.middle__count - 1
      ) AS INTEGER)
      THEN orders_ranked.middle * (
        1 - (
          0.5 * (
            orders_ranked.middle__count - 1
          ) - CAST(0.5 * (
            orders_ranked.middle__count - 1
          ) AS INTEGER)
        )
      )
      WHEN orders_ranked.middle__rank = CAST(0.5 * (
        orders_ranked.middle__count - 1
      ) AS INTEGER) + 1
      THEN orders_ranked.middle * (
        0.5 * (
          orders_ranked.middle__count - 1
        ) - CAST(0.5 * (
          orders_ranked.middle__count - 1
        ) AS INTEGER)
      )
    END
  ) AS orders__middle
FROM (
  SELECT
    orders_rows.items__product,
    orders_rows.key__id,
    orders_rows.middle,
    ROW_NUMBER() OVER (
      PARTITION BY orders_rows.items__product
      ORDER BY orders_rows.middle IS NULL NULLS LAST, orders_rows.middle
    ) - 1 AS middle__rank,
    COUNT(orders_rows.middle) OVER (PARTITION BY orders_rows.items__product) AS middle__count
  FROM (
    SELECT DISTINCT
      items.product AS items__product,
      orders.id AS key__id,
      orders.amount AS middle
    FROM orders
    LEFT JOIN items
      ON items.order_id = orders.id
  ) AS orders_rows
) AS orders_ranked
GROUP BY
  1
ORDER BY
  items__product ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  orders_once.items__product AS items__product,
  QUANTILE_CONT(orders_once.middle, 0.5) AS orders__middle
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product AS items__product,
    orders.amount AS middle
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
  PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
    orders_once.middle) AS orders__middle
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product COLLATE "C" AS items__product,
    orders.amount AS middle
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
SELECT 'A' AS product, 100.0 AS middle UNION ALL SELECT 'B', 150.0 UNION ALL SELECT 'C', 100.0 UNION ALL SELECT NULL, 30.0
