/*
about: >-
  Buckets of two weeks, counted from a Monday.
model: shop
query: {"measures": ["orders.count"], "dimensions": ["orders.created_at.fortnight"]}
*/

-- sqlite
SELECT
  DATE(
    (
      STRFTIME('%s', orders.created_at) + 62136806400
    ) / 1209600 * 1209600 - 62136806400,
    'unixepoch'
  ) AS orders__created_at__fortnight,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__fortnight ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  CAST(TIME_BUCKET(
    INTERVAL '1209600' SECOND,
    CAST(orders.created_at AS TIMESTAMP),
    CAST('2025-01-06 00:00:00' AS TIMESTAMP)
  ) AS DATE) AS orders__created_at__fortnight,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__fortnight ASC
LIMIT 10000

-- postgres
SELECT
  CAST(DATE_BIN(
    INTERVAL '1209600 SECOND',
    CAST(orders.created_at AS TIMESTAMP),
    CAST('2025-01-06 00:00:00' AS TIMESTAMP)
  ) AS DATE) AS orders__created_at__fortnight,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__fortnight ASC
LIMIT 10000

-- check
SELECT CASE WHEN id = 101 THEN '2025-01-06' WHEN id = 102 THEN '2025-01-20' WHEN id < 105 THEN '2025-02-03' ELSE '2025-03-31' END, COUNT(*)
FROM orders GROUP BY 1 ORDER BY 1
