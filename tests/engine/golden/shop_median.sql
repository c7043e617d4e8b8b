/*
about: >-
  Median and percentile by region, interpolated between two values.
model: shop
query: {"measures": ["orders.middle", "orders.ninth_tenth"], "dimensions": ["customers.region"], "order": {"customers.region": "asc"}}
*/

-- sqlite
SELECT
  orders_ranked.customers__region AS customers__region,
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
  ) AS orders__middle,
  SUM(
    CASE
      WHEN orders_ranked.middle__rank = CAST(0.9 * (
        orders_ranked.middle__count - 1
      ) AS INTEGER)
      THEN orders_ranked.middle * (
        1 - (
          0.9 * (
            orders_ranked.middle__count - 1
          ) - CAST(0.9 * (
            orders_ranked.middle__count - 1
          ) AS INTEGER)
        )
      )
      WHEN orders_ranked.middle__rank = CAST(0.9 * (
        orders_ranked.middle__count - 1
      ) AS INTEGER) + 1
      THEN orders_ranked.middle * (
        0.9 * (
          orders_ranked.middle__count - 1
        ) - CAST(0.9 * (
          orders_ranked.middle__count - 1
        ) AS INTEGER)
      )
    END
  ) AS orders__ninth_tenth
FROM (
  SELECT
    orders_rows.customers__region,
    orders_rows.middle,
    ROW_NUMBER() OVER (
      PARTITION BY orders_rows.customers__region
      ORDER BY orders_rows.middle IS NULL NULLS LAST, orders_rows.middle
    ) - 1 AS middle__rank,
    COUNT(orders_rows.middle) OVER (PARTITION BY orders_rows.customers__region) AS middle__count
  FROM (
    SELECT
      customers.region AS customers__region,
      orders.amount AS middle
    FROM orders
    LEFT JOIN customers
      ON orders.customer_id = customers.id
  ) AS orders_rows
) AS orders_ranked
GROUP BY
  1
ORDER BY
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  customers.region AS customers__region,
  QUANTILE_CONT(orders.amount, 0.5) AS orders__middle,
  QUANTILE_CONT(orders.amount, 0.9) AS orders__ninth_tenth
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  customers__region ASC
LIMIT 10000

-- postgres
SELECT
  customers.region COLLATE "C" AS customers__region,
  PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
    orders.amount) AS orders__middle,
  PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY
    orders.amount) AS orders__ninth_tenth
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  customers__region ASC
LIMIT 10000

-- check
SELECT 'EAST' AS region, 100.0 AS middle, 180.0 AS ninth_tenth UNION ALL SELECT 'WEST', 75.0, 75.0 UNION ALL SELECT NULL, 20.0, 28.0
