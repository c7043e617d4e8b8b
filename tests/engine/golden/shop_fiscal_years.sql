/*
about: >-
  A granularity of the analyst's own: years that begin in February.
model: shop
query: {"measures": ["orders.revenue"], "dimensions": ["orders.created_at.fiscal_year"]}
*/

-- sqlite
SELECT
  DATE(
    orders.created_at,
    'start of month',
    '-' || (
      (
        STRFTIME('%m', orders.created_at) + 10
      ) % 12
    ) || ' months'
  ) AS orders__created_at__fiscal_year,
  SUM(orders.amount) AS orders__revenue
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__fiscal_year ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  CAST(DATE_TRUNC('MONTH', CAST(orders.created_at AS TIMESTAMP)) - MOD(EXTRACT(MONTH FROM orders.created_at) + 10, 12) * INTERVAL '1' MONTH AS DATE) AS orders__created_at__fiscal_year,
  SUM(orders.amount) AS orders__revenue
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__fiscal_year ASC
LIMIT 10000

-- postgres
SELECT
  CAST(DATE_TRUNC('MONTH', CAST(orders.created_at AS TIMESTAMP)) - MOD(EXTRACT(MONTH FROM orders.created_at) + 10, 12) * INTERVAL '1 MONTH' AS DATE) AS orders__created_at__fiscal_year,
  SUM(orders.amount) AS orders__revenue
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__fiscal_year ASC
LIMIT 10000

-- check
SELECT CASE WHEN SUBSTR(CAST(created_at AS VARCHAR), 1, 7) < '2025-02' THEN '2024-02-01' ELSE '2025-02-01' END, SUM(amount)
FROM orders GROUP BY 1 ORDER BY 1
