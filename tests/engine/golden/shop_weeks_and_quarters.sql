/*
about: >-
  Weeks start on Monday; two buckets of one time are two columns.
model: shop
query: {"measures": ["orders.count"], "dimensions": ["orders.created_at.quarter", "orders.created_at.week"]}
*/

-- sqlite
SELECT
  DATE(
    orders.created_at,
    'start of month',
    '-' || (
      (
        STRFTIME('%m', orders.created_at) - 1
      ) % 3
    ) || ' months'
  ) AS orders__created_at__quarter,
  DATE(orders.created_at, 'weekday 0', '-6 days') AS orders__created_at__week,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1,
  2
ORDER BY
  orders__created_at__quarter ASC NULLS LAST,
  orders__created_at__week ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  CAST(DATE_TRUNC('QUARTER', orders.created_at) AS DATE) AS orders__created_at__quarter,
  CAST(DATE_TRUNC('WEEK', orders.created_at) AS DATE) AS orders__created_at__week,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1,
  2
ORDER BY
  orders__created_at__quarter ASC,
  orders__created_at__week ASC
LIMIT 10000

-- postgres
SELECT
  CAST(DATE_TRUNC('QUARTER', orders.created_at) AS DATE) AS orders__created_at__quarter,
  CAST(DATE_TRUNC('WEEK', orders.created_at) AS DATE) AS orders__created_at__week,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1,
  2
ORDER BY
  orders__created_at__quarter ASC,
  orders__created_at__week ASC
LIMIT 10000

-- check
SELECT
  CASE WHEN id < 105 THEN '2025-01-01' ELSE '2025-04-01' END,
  CASE id WHEN 101 THEN '2025-01-13' WHEN 102 THEN '2025-01-20' WHEN 103 THEN '2025-02-10' WHEN 104 THEN '2025-02-10' ELSE '2025-03-31' END,
  COUNT(*)
FROM orders GROUP BY 1, 2 ORDER BY 1, 2
