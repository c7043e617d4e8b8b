/*
about: >-
  Buckets of time in a range of dates, whose last day counts as a whole (rule 11).
model: shop
query: {"measures": ["orders.revenue"], "timeDimensions": [{"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2025-01-16", "2025-04-01"]}]}
*/

-- sqlite {"p0": "2025-01-16", "p1": "2025-04-02"}
SELECT
  STRFTIME('%Y-%m-01', orders.created_at) AS orders__created_at__month,
  SUM(orders.amount) AS orders__revenue
FROM orders
WHERE
  orders.created_at >= :p0 AND orders.created_at < :p1
GROUP BY
  1
ORDER BY
  orders__created_at__month ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2025-01-16 00:00:00", "p1": "2025-04-02 00:00:00"}
SELECT
  CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS orders__created_at__month,
  SUM(orders.amount) AS orders__revenue
FROM orders
WHERE
  orders.created_at >= $p0 AND orders.created_at < $p1
GROUP BY
  1
ORDER BY
  orders__created_at__month ASC
LIMIT 10000

-- postgres {"p0": "2025-01-16 00:00:00", "p1": "2025-04-02 00:00:00"}
SELECT
  CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS orders__created_at__month,
  SUM(orders.amount) AS orders__revenue
FROM orders
WHERE
  orders.created_at >= %(p0)s AND orders.created_at < %(p1)s
GROUP BY
  1
ORDER BY
  orders__created_at__month ASC
LIMIT 10000

-- check
SELECT SUBSTR(CAST(created_at AS VARCHAR), 1, 7) || '-01', SUM(amount) FROM orders WHERE id IN (102, 103, 104, 105) GROUP BY 1 ORDER BY 1
