/*
about: >-
  A running total reads beyond the range, and has every bucket of it, also those without orders (rule 12).
model: shop
query: {"measures": ["orders.so_far", "orders.last_two_months"],
  "timeDimensions": [{"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2025-02-01", "2025-04-30"]}]}
*/

-- sqlite {"p0": "2025-02-01", "p1": "2025-05-01"}
WITH RECURSIVE orders_rows AS (
  SELECT
    orders.created_at AS happened,
    orders.amount AS so_far
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
    orders_buckets.bucket AS orders__created_at__month,
    CASE WHEN COUNT(orders_rows.happened) > 0 THEN SUM(orders_rows.so_far) END AS orders__so_far
  FROM orders_buckets
  LEFT JOIN orders_rows
    ON orders_rows.happened < MIN(
      DATE(orders_buckets.bucket, '+1 months'),
      DATE(orders_buckets.bucket, 'start of month', '+2 months', '-1 day')
    )
  WHERE
    NOT orders_buckets.bucket IS NULL
  GROUP BY
    1
), orders__rows AS (
  SELECT
    orders.created_at AS happened,
    orders.amount AS last_two_months
  FROM orders
), orders__buckets(bucket) AS (
  SELECT
    STRFTIME('%Y-%m-01', :p0) AS bucket
  UNION ALL
  SELECT
    MIN(
      DATE(orders__buckets.bucket, '+1 months'),
      DATE(orders__buckets.bucket, 'start of month', '+2 months', '-1 day')
    )
  FROM orders__buckets
  WHERE
    MIN(
      DATE(orders__buckets.bucket, '+1 months'),
      DATE(orders__buckets.bucket, 'start of month', '+2 months', '-1 day')
    ) < :p1
), orders_facts_ AS (
  SELECT
    orders__buckets.bucket AS orders__created_at__month,
    CASE
      WHEN COUNT(orders__rows.happened) > 0
      THEN SUM(orders__rows.last_two_months)
    END AS orders__last_two_months
  FROM orders__buckets
  LEFT JOIN orders__rows
    ON orders__rows.happened >= MIN(
      DATE(
        MIN(
          DATE(orders__buckets.bucket, '+1 months'),
          DATE(orders__buckets.bucket, 'start of month', '+2 months', '-1 day')
        ),
        '-2 months'
      ),
      DATE(
        MIN(
          DATE(orders__buckets.bucket, '+1 months'),
          DATE(orders__buckets.bucket, 'start of month', '+2 months', '-1 day')
        ),
        'start of month',
        '-1 months',
        '-1 day'
      )
    )
    AND orders__rows.happened < MIN(
      DATE(orders__buckets.bucket, '+1 months'),
      DATE(orders__buckets.bucket, 'start of month', '+2 months', '-1 day')
    )
  WHERE
    NOT orders__buckets.bucket IS NULL
  GROUP BY
    1
), merged AS (
  SELECT
    orders__created_at__month,
    MAX(orders__so_far) AS orders__so_far,
    MAX(orders__last_two_months) AS orders__last_two_months
  FROM (
    SELECT
      orders__created_at__month,
      orders__so_far,
      NULL AS orders__last_two_months
    FROM orders_facts
    UNION ALL
    SELECT
      orders__created_at__month,
      NULL AS orders__so_far,
      orders__last_two_months
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__month,
  orders__so_far,
  orders__last_two_months
FROM merged
ORDER BY
  orders__created_at__month ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2025-02-01 00:00:00", "p1": "2025-05-01 00:00:00"}
WITH RECURSIVE orders_rows AS (
  SELECT
    orders.created_at AS happened,
    orders.amount AS so_far
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
    orders_buckets.bucket AS orders__created_at__month,
    CASE WHEN COUNT(orders_rows.happened) > 0 THEN SUM(orders_rows.so_far) END AS orders__so_far
  FROM orders_buckets
  LEFT JOIN orders_rows
    ON orders_rows.happened < CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE)
  WHERE
    NOT orders_buckets.bucket IS NULL
  GROUP BY
    1
), orders__rows AS (
  SELECT
    orders.created_at AS happened,
    orders.amount AS last_two_months
  FROM orders
), orders__buckets(bucket) AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST($p0 AS TIMESTAMP)) AS DATE) AS bucket
  UNION ALL
  SELECT
    CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE)
  FROM orders__buckets
  WHERE
    CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE) < CAST($p1 AS TIMESTAMP)
), orders_facts_ AS (
  SELECT
    orders__buckets.bucket AS orders__created_at__month,
    CASE
      WHEN COUNT(orders__rows.happened) > 0
      THEN SUM(orders__rows.last_two_months)
    END AS orders__last_two_months
  FROM orders__buckets
  LEFT JOIN orders__rows
    ON orders__rows.happened >= CAST(CAST(CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE) AS TIMESTAMP) - INTERVAL '2' MONTH AS DATE)
    AND orders__rows.happened < CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1' MONTH AS DATE)
  WHERE
    NOT orders__buckets.bucket IS NULL
  GROUP BY
    1
), merged AS (
  SELECT
    orders__created_at__month,
    MAX(orders__so_far) AS orders__so_far,
    MAX(orders__last_two_months) AS orders__last_two_months
  FROM (
    SELECT
      orders__created_at__month,
      orders__so_far,
      NULL AS orders__last_two_months
    FROM orders_facts
    UNION ALL
    SELECT
      orders__created_at__month,
      NULL AS orders__so_far,
      orders__last_two_months
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__month,
  orders__so_far,
  orders__last_two_months
FROM merged
ORDER BY
  orders__created_at__month ASC
LIMIT 10000

-- postgres {"p0": "2025-02-01 00:00:00", "p1": "2025-05-01 00:00:00"}
WITH RECURSIVE orders_rows AS (
  SELECT
    orders.created_at AS happened,
    orders.amount AS so_far
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
    orders_buckets.bucket AS orders__created_at__month,
    CAST(CASE WHEN COUNT(orders_rows.happened) > 0 THEN SUM(orders_rows.so_far) END AS DOUBLE PRECISION) AS orders__so_far
  FROM orders_buckets
  LEFT JOIN orders_rows
    ON orders_rows.happened < CAST(CAST(orders_buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE)
  WHERE
    NOT orders_buckets.bucket IS NULL
  GROUP BY
    1
), orders__rows AS (
  SELECT
    orders.created_at AS happened,
    orders.amount AS last_two_months
  FROM orders
), orders__buckets(bucket) AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', CAST(%(p0)s AS TIMESTAMP)) AS DATE) AS bucket
  UNION ALL
  SELECT
    CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE)
  FROM orders__buckets
  WHERE
    CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE) < CAST(%(p1)s AS TIMESTAMP)
), orders_facts_ AS (
  SELECT
    orders__buckets.bucket AS orders__created_at__month,
    CAST(CASE
      WHEN COUNT(orders__rows.happened) > 0
      THEN SUM(orders__rows.last_two_months)
    END AS DOUBLE PRECISION) AS orders__last_two_months
  FROM orders__buckets
  LEFT JOIN orders__rows
    ON orders__rows.happened >= CAST(CAST(CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE) AS TIMESTAMP) - INTERVAL '2 MONTH' AS DATE)
    AND orders__rows.happened < CAST(CAST(orders__buckets.bucket AS TIMESTAMP) + INTERVAL '1 MONTH' AS DATE)
  WHERE
    NOT orders__buckets.bucket IS NULL
  GROUP BY
    1
), merged AS (
  SELECT
    orders__created_at__month,
    MAX(orders__so_far) AS orders__so_far,
    MAX(orders__last_two_months) AS orders__last_two_months
  FROM (
    SELECT
      orders__created_at__month,
      orders__so_far,
      CAST(NULL AS DOUBLE PRECISION) AS orders__last_two_months
    FROM orders_facts
    UNION ALL
    SELECT
      orders__created_at__month,
      CAST(NULL AS DOUBLE PRECISION) AS orders__so_far,
      orders__last_two_months
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__month,
  orders__so_far,
  orders__last_two_months
FROM merged
ORDER BY
  orders__created_at__month ASC
LIMIT 10000

-- check
SELECT month, (SELECT SUM(amount) FROM orders WHERE CAST(created_at AS TEXT) < next), (SELECT SUM(amount) FROM orders WHERE CAST(created_at AS TEXT) >= start AND CAST(created_at AS TEXT) < next)
FROM (SELECT '2025-02-01' AS month, '2025-01-01' AS start, '2025-03-01' AS next UNION ALL SELECT '2025-03-01', '2025-02-01', '2025-04-01'
UNION ALL SELECT '2025-04-01', '2025-03-01', '2025-05-01') AS months ORDER BY 1
