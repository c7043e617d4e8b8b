/*
about: >-
  Facts with dates of their own meet on one axis; a difference of the two counts a missing fact as the view says.
model: shop
query: {"measures": ["trade.revenue", "trade.returned", "trade.net_revenue", "trade.returned_share"], "dimensions": ["trade.month"], "filters": [{"member": "trade.time", "operator": "inDateRange", "values": ["2025-02-01", "2025-12-31"]}]}
*/

-- sqlite {"p0": "2025-02-01", "p1": "2026-01-01"}
WITH orders_facts AS (
  SELECT
    STRFTIME('%Y-%m-01', orders.created_at) AS trade__month,
    SUM(orders.amount) AS trade__revenue
  FROM orders
  WHERE
    orders.created_at >= :p0 AND orders.created_at < :p1
  GROUP BY
    1
), returns_facts AS (
  SELECT
    STRFTIME('%Y-%m-01', returns.created_at) AS trade__month,
    SUM(returns.amount) AS trade__returned
  FROM returns
  WHERE
    returns.created_at >= :p0 AND returns.created_at < :p1
  GROUP BY
    1
), merged AS (
  SELECT
    trade__month,
    MAX(trade__revenue) AS trade__revenue,
    MAX(trade__returned) AS trade__returned
  FROM (
    SELECT
      trade__month,
      trade__revenue,
      NULL AS trade__returned
    FROM orders_facts
    UNION ALL
    SELECT
      trade__month,
      NULL AS trade__revenue,
      trade__returned
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  trade__month,
  trade__revenue,
  trade__returned,
  trade__revenue - COALESCE(trade__returned, 0) AS trade__net_revenue,
  CAST(trade__returned AS REAL) / NULLIF(trade__revenue, 0) AS trade__returned_share
FROM merged
ORDER BY
  trade__month ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2025-02-01 00:00:00", "p1": "2026-01-01 00:00:00"}
WITH orders_facts AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS trade__month,
    SUM(orders.amount) AS trade__revenue
  FROM orders
  WHERE
    orders.created_at >= $p0 AND orders.created_at < $p1
  GROUP BY
    1
), returns_facts AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', returns.created_at) AS DATE) AS trade__month,
    SUM(returns.amount) AS trade__returned
  FROM returns
  WHERE
    returns.created_at >= $p0 AND returns.created_at < $p1
  GROUP BY
    1
), merged AS (
  SELECT
    trade__month,
    MAX(trade__revenue) AS trade__revenue,
    MAX(trade__returned) AS trade__returned
  FROM (
    SELECT
      trade__month,
      trade__revenue,
      NULL AS trade__returned
    FROM orders_facts
    UNION ALL
    SELECT
      trade__month,
      NULL AS trade__revenue,
      trade__returned
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  trade__month,
  trade__revenue,
  trade__returned,
  trade__revenue - COALESCE(trade__returned, 0) AS trade__net_revenue,
  CAST(trade__returned AS DOUBLE) / NULLIF(trade__revenue, 0) AS trade__returned_share
FROM merged
ORDER BY
  trade__month ASC
LIMIT 10000

-- postgres {"p0": "2025-02-01 00:00:00", "p1": "2026-01-01 00:00:00"}
WITH orders_facts AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS trade__month,
    CAST(SUM(orders.amount) AS DOUBLE PRECISION) AS trade__revenue
  FROM orders
  WHERE
    orders.created_at >= %(p0)s AND orders.created_at < %(p1)s
  GROUP BY
    1
), returns_facts AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', returns.created_at) AS DATE) AS trade__month,
    CAST(SUM(returns.amount) AS DOUBLE PRECISION) AS trade__returned
  FROM returns
  WHERE
    returns.created_at >= %(p0)s AND returns.created_at < %(p1)s
  GROUP BY
    1
), merged AS (
  SELECT
    trade__month,
    MAX(trade__revenue) AS trade__revenue,
    MAX(trade__returned) AS trade__returned
  FROM (
    SELECT
      trade__month,
      trade__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS trade__returned
    FROM orders_facts
    UNION ALL
    SELECT
      trade__month,
      CAST(NULL AS DOUBLE PRECISION) AS trade__revenue,
      trade__returned
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  trade__month,
  trade__revenue,
  trade__returned,
  trade__revenue - COALESCE(trade__returned, 0) AS trade__net_revenue,
  CAST(trade__returned AS DOUBLE PRECISION) / NULLIF(trade__revenue, 0) AS trade__returned_share
FROM merged
ORDER BY
  trade__month ASC
LIMIT 10000

-- check
WITH o AS (SELECT SUBSTR(CAST(created_at AS VARCHAR), 1, 7) AS m, SUM(amount) AS a FROM orders GROUP BY 1),
r AS (SELECT SUBSTR(CAST(created_at AS VARCHAR), 1, 7) AS m, SUM(amount) AS a FROM returns GROUP BY 1),
months AS (SELECT m FROM o UNION SELECT m FROM r)
SELECT months.m || '-01', o.a, r.a, o.a - COALESCE(r.a, 0), r.a * 1.0 / o.a
FROM months LEFT JOIN o ON o.m = months.m LEFT JOIN r ON r.m = months.m WHERE months.m >= '2025-02' ORDER BY 1
