/*
about: >-
  Orders of a quarter up to the end of each month; a new quarter starts anew, and a status has a row as long as its window
  holds an order (rule 12).
model: shop
query: {"measures": ["orders.quarter_to_date"], "dimensions": ["orders.status"],
  "timeDimensions": [{"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2025-01-01", "2025-04-30"]}]}
*/

-- sqlite {"p0": "2025-01-01", "p1": "2025-05-01"}
WITH RECURSIVE orders_rows AS (
  SELECT
    orders.status AS orders__status,
    orders.created_at AS happened
  FROM orders
), orders_buckets(bucket) AS (
  SELECT
    STRFTIME('%Y-%m-01', :p0) AS bucket
  UNION ALL
  SELECT
    MIN(
      DATE(orders_buckets.bucket, '+1 months'),
      DATE(orders_buckets.bucket, 'start of month', '+2 months', '-1 day')
    )
  FROM orders_buckets
  WHERE
    MIN(
      DATE(orders_buckets.bucket, '+1 months'),
      DATE(orders_buckets.bucket, 'start of month', '+2 months', '-1 day')
    ) < :p1
), orders_facts AS (
  SELECT
    orders_rows.orders__status AS orders__status,
    orders_buckets.bucket AS orders__created_at__month,
    COUNT(orders_rows.happened) AS orders__quarter_to_date
  FROM orders_buckets
  INNER JOIN orders_rows
    ON orders_rows.happened >= DATE(
      orders_buckets.bucket,
      'start of month',
      '-' || (
        (
          STRFTIME('%m', orders_buckets.bucket) - 1
        ) % 3
      ) || ' months'
    )
    AND orders_rows.happened < MIN(
      DATE(orders_buckets.bucket, '+1 months'),
      DATE(orders_buckets.bucket, 'start of month', '+2 months', '-1 day')
    )
  WHERE
    NOT orders_buckets.bucket IS NULL
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    orders__status,
    orders__created_at__month,
    MAX(orders__quarter_to_date) AS orders__quarter_to_date
  FROM (
    SELECT
      orders__status,
      orders__created_at__month,
      orders__quarter_to_date
    FROM orders_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  orders__created_at__month,
  orders__quarter_to_date
FROM merged
ORDER BY
  orders__created_at__month ASC NULLS LAST,
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2025-01-01 00:00:00", "p1": "2025-05-01 00:00:00"}
WITH RECURSIVE orders_rows AS (
  SELECT
    orders.status AS orders__status,
    orders.created_at AS happened
  FROM orders
), orders_buckets(bucket) AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST($p0 AS TIMESTAMP)) AS DATE) AS bucket
  UNION ALL
  SELECT
    CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE)
  FROM orders_buckets
  WHERE
    CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE) < CAST($p1 AS TIMESTAMP)
), orders_facts AS (
  SELECT
    orders_rows.orders__status AS orders__status,
    orders_buckets.bucket AS orders__created_at__month,
    COUNT(orders_rows.happened) AS orders__quarter_to_date
  FROM orders_buckets
  INNER JOIN orders_rows
    ON orders_rows.happened >= CAST(DATE_TRUNC('QUARTER', orders_buckets.bucket) AS DATE)
    AND orders_rows.happened < CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE)
  WHERE
    NOT orders_buckets.bucket IS NULL
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    orders__status,
    orders__created_at__month,
    MAX(orders__quarter_to_date) AS orders__quarter_to_date
  FROM (
    SELECT
      orders__status,
      orders__created_at__month,
      orders__quarter_to_date
    FROM orders_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  orders__created_at__month,
  orders__quarter_to_date
FROM merged
ORDER BY
  orders__created_at__month ASC,
  orders__status ASC
LIMIT 10000

-- postgres {"p0": "2025-01-01 00:00:00", "p1": "2025-05-01 00:00:00"}
WITH RECURSIVE orders_rows AS (
  SELECT
    orders.status COLLATE "C" AS orders__status,
    orders.created_at AS happened
  FROM orders
), orders_buckets(bucket) AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST(%(p0)s AS TIMESTAMP)) AS DATE) AS bucket
  UNION ALL
  SELECT
    CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE)
  FROM orders_buckets
  WHERE
    CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE) < CAST(%(p1)s AS TIMESTAMP)
), orders_facts AS (
  SELECT
    orders_rows.orders__status AS orders__status,
    orders_buckets.bucket AS orders__created_at__month,
    CAST(COUNT(orders_rows.happened) AS BIGINT) AS orders__quarter_to_date
  FROM orders_buckets
  INNER JOIN orders_rows
    ON orders_rows.happened >= CAST(DATE_TRUNC('QUARTER', orders_buckets.bucket) AS DATE)
    AND orders_rows.happened < CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE)
  WHERE
    NOT orders_buckets.bucket IS NULL
  GROUP BY
    1,
    2
), merged AS (
  SELECT
    orders__status,
    orders__created_at__month,
    MAX(orders__quarter_to_date) AS orders__quarter_to_date
  FROM (
    SELECT
      orders__status,
      orders__created_at__month,
      orders__quarter_to_date
    FROM orders_facts
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  orders__created_at__month,
  orders__quarter_to_date
FROM merged
ORDER BY
  orders__created_at__month ASC,
  orders__status ASC
LIMIT 10000

-- check
SELECT status, month, (SELECT COUNT(*) FROM orders WHERE orders.status = statuses.status AND CAST(created_at AS TEXT) >= start AND CAST(created_at AS TEXT) < next) AS n
FROM (SELECT DISTINCT status FROM orders) AS statuses
CROSS JOIN (SELECT '2025-01-01' AS month, '2025-01-01' AS start, '2025-02-01' AS next UNION ALL SELECT '2025-02-01', '2025-01-01', '2025-03-01'
UNION ALL SELECT '2025-03-01', '2025-01-01', '2025-04-01' UNION ALL SELECT '2025-04-01', '2025-04-01', '2025-05-01') AS months
WHERE (SELECT COUNT(*) FROM orders WHERE orders.status = statuses.status AND CAST(created_at AS TEXT) >= start AND CAST(created_at AS TEXT) < next) > 0
ORDER BY 2, 1
