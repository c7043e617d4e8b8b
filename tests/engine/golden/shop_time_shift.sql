/*
about: >-
  Each month beside the one before it; a month after one with orders is there, whether it has orders or not (rule 12).
model: shop
query: {"measures": ["orders.revenue", "orders.month_before", "orders.growth"],
  "timeDimensions": [{"dimension": "orders.created_at", "granularity": "month"}]}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    STRFTIME('%Y-%m-01', orders.created_at) AS orders__created_at__month,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
), orders_facts_ AS (
  SELECT
    STRFTIME(
      '%Y-%m-01',
      MIN(
        DATETIME(orders.created_at, '+1 months'),
        DATE(orders.created_at, 'start of month', '+2 months', '-1 day') || ' ' || TIME(orders.created_at)
      )
    ) AS orders__created_at__month,
    SUM(orders.amount) AS orders__revenue_
  FROM orders
  WHERE
    NOT orders.created_at IS NULL
  GROUP BY
    1
), merged AS (
  SELECT
    orders__created_at__month,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__revenue_) AS orders__revenue_
  FROM (
    SELECT
      orders__created_at__month,
      orders__revenue,
      NULL AS orders__revenue_
    FROM orders_facts
    UNION ALL
    SELECT
      orders__created_at__month,
      NULL AS orders__revenue,
      orders__revenue_
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__month,
  orders__revenue,
  orders__revenue_ AS orders__month_before,
  CASE
    WHEN TYPEOF(orders__revenue) = 'text'
    THEN JULIANDAY(orders__revenue) - JULIANDAY(orders__revenue_)
    ELSE orders__revenue - orders__revenue_
  END AS orders__growth
FROM merged
ORDER BY
  orders__created_at__month ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS orders__created_at__month,
    SUM(orders.amount) AS orders__revenue
  FROM orders
  GROUP BY
    1
), orders_facts_ AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST(orders.created_at AS TIMESTAMP) + INTERVAL '1' MONTH) AS DATE) AS orders__created_at__month,
    SUM(orders.amount) AS orders__revenue_
  FROM orders
  WHERE
    NOT orders.created_at IS NULL
  GROUP BY
    1
), merged AS (
  SELECT
    orders__created_at__month,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__revenue_) AS orders__revenue_
  FROM (
    SELECT
      orders__created_at__month,
      orders__revenue,
      NULL AS orders__revenue_
    FROM orders_facts
    UNION ALL
    SELECT
      orders__created_at__month,
      NULL AS orders__revenue,
      orders__revenue_
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__month,
  orders__revenue,
  orders__revenue_ AS orders__month_before,
  orders__revenue - orders__revenue_ AS orders__growth
FROM merged
ORDER BY
  orders__created_at__month ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS orders__created_at__month,
    CAST(SUM(orders.amount) AS DOUBLE PRECISION) AS orders__revenue
  FROM orders
  GROUP BY
    1
), orders_facts_ AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST(orders.created_at AS TIMESTAMP) + INTERVAL '1 MONTH') AS DATE) AS orders__created_at__month,
    CAST(SUM(orders.amount) AS DOUBLE PRECISION) AS orders__revenue_
  FROM orders
  WHERE
    NOT orders.created_at IS NULL
  GROUP BY
    1
), merged AS (
  SELECT
    orders__created_at__month,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__revenue_) AS orders__revenue_
  FROM (
    SELECT
      orders__created_at__month,
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue_
    FROM orders_facts
    UNION ALL
    SELECT
      orders__created_at__month,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      orders__revenue_
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__month,
  orders__revenue,
  orders__revenue_ AS orders__month_before,
  orders__revenue - orders__revenue_ AS orders__growth
FROM merged
ORDER BY
  orders__created_at__month ASC
LIMIT 10000

-- check
SELECT month, revenue, earlier, revenue - earlier FROM (
  SELECT month, (SELECT SUM(amount) FROM orders WHERE CAST(created_at AS TEXT) >= month AND CAST(created_at AS TEXT) < next) AS revenue,
    (SELECT SUM(amount) FROM orders WHERE CAST(created_at AS TEXT) >= before AND CAST(created_at AS TEXT) < month) AS earlier
  FROM (SELECT '2025-01-01' AS month, '2024-12-01' AS before, '2025-02-01' AS next
    UNION ALL SELECT '2025-02-01', '2025-01-01', '2025-03-01' UNION ALL SELECT '2025-03-01', '2025-02-01', '2025-04-01'
    UNION ALL SELECT '2025-04-01', '2025-03-01', '2025-05-01' UNION ALL SELECT '2025-05-01', '2025-04-01', '2025-06-01') AS months
) AS both_months ORDER BY 1
