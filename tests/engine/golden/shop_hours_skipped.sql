/*
about: >-
  A night in which the clocks go forward: there is no hour from two to three, so filling does not list it. The years before
  the rule of today stand one by one.
model: shop
query: {"measures": ["orders.count"], "timeDimensions": [{"dimension": "orders.created_at", "granularity": "hour", "dateRange": ["2025-03-30T00:00:00", "2025-03-30T03:59:59"]}], "timezone": "Europe/Berlin", "fill": true}
*/

-- sqlite {"p0": "2025-03-29", "p1": "2025-03-31", "p2": "2025-03-29 23:00:00.000", "p3": "2025-03-30 01:59:59.001", "p4": "2025-03-30", "p5": "2025-03-30 03:59:59.001000"}
WITH RECURSIVE orders_facts AS (
  SELECT
    STRFTIME(
      '%Y-%m-%d %H:00:00',
      DATETIME(
        orders.created_at,
        CASE
          WHEN orders.created_at >= '1996'
          THEN CASE
            WHEN SUBSTR(orders.created_at, 6, 5) BETWEEN '04-01' AND '10-24'
            THEN '+7200 seconds'
            WHEN NOT SUBSTR(orders.created_at, 6, 5) BETWEEN '03-25' AND '11-01'
            THEN '+3600 seconds'
            WHEN DATETIME(orders.created_at) >= DATETIME(STRFTIME('%Y-03-25', orders.created_at), 'weekday 0', '+3600 seconds')
            AND DATETIME(orders.created_at) < DATETIME(STRFTIME('%Y-10-25', orders.created_at), 'weekday 0', '+3600 seconds')
            THEN '+7200 seconds'
            ELSE '+3600 seconds'
          END
          WHEN orders.created_at >= '1981'
          THEN CASE
            WHEN DATETIME(orders.created_at) >= DATETIME(STRFTIME('%Y-03-25', orders.created_at), 'weekday 0', '+3600 seconds')
            AND DATETIME(orders.created_at) < DATETIME(STRFTIME('%Y-09-24', orders.created_at), 'weekday 0', '+3600 seconds')
            THEN '+7200 seconds'
            ELSE '+3600 seconds'
          END
          WHEN orders.created_at >= '1980'
          THEN CASE
            WHEN DATETIME(orders.created_at) >= DATETIME(STRFTIME('%Y-04-06', orders.created_at), 'weekday 0', '+3600 seconds')
            AND DATETIME(orders.created_at) < DATETIME(STRFTIME('%Y-09-28', orders.created_at), 'weekday 0', '+3600 seconds')
            THEN '+7200 seconds'
            ELSE '+3600 seconds'
          END
          ELSE '+3600 seconds'
        END
      )
    ) AS orders__created_at__hour,
    COUNT(*) AS orders__count
  FROM orders
  WHERE
    orders.created_at >= :p0
    AND orders.created_at < :p1
    AND STRFTIME('%Y-%m-%d %H:%M:%f', orders.created_at) >= :p2
    AND STRFTIME('%Y-%m-%d %H:%M:%f', orders.created_at) < :p3
  GROUP BY
    1
), buckets(bucket) AS (
  SELECT
    STRFTIME('%Y-%m-%d %H:00:00', :p4) AS bucket
  UNION ALL
  SELECT
    DATETIME(buckets.bucket, '+1 hours')
  FROM buckets
  WHERE
    DATETIME(buckets.bucket, '+1 hours') < :p5
), merged AS (
  SELECT
    orders__created_at__hour,
    COALESCE(MAX(orders__count), 0) AS orders__count
  FROM (
    SELECT
      orders__created_at__hour,
      orders__count
    FROM orders_facts
    UNION ALL
    SELECT
      buckets.bucket AS orders__created_at__hour,
      NULL AS orders__count
    FROM buckets
    WHERE
      NOT buckets.bucket IS NULL
      AND NOT (
        (
          buckets.bucket >= '1981'
          AND SUBSTR(buckets.bucket, 6, 5) BETWEEN '03-25' AND '04-01'
          AND buckets.bucket >= DATETIME(STRFTIME('%Y-03-25', buckets.bucket), 'weekday 0', '+7200 seconds')
          AND DATETIME(buckets.bucket, '+1 hours') <= DATETIME(STRFTIME('%Y-03-25', buckets.bucket), 'weekday 0', '+10800 seconds')
        )
        OR (
          buckets.bucket >= '1980-04-06 02:00:00'
          AND buckets.bucket < '1980-04-06 03:00:00'
          AND DATETIME(buckets.bucket, '+1 hours') <= '1980-04-06 03:00:00'
        )
      )
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__hour,
  orders__count
FROM merged
ORDER BY
  orders__created_at__hour ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2025-03-29 23:00:00", "p1": "2025-03-30 01:59:59.001000", "p2": "2025-03-30 00:00:00", "p3": "2025-03-30 03:59:59.001000"}
WITH RECURSIVE orders_facts AS (
  SELECT
    DATE_TRUNC(
      'HOUR',
      CAST(orders.created_at AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin'
    ) AS orders__created_at__hour,
    COUNT(*) AS orders__count
  FROM orders
  WHERE
    orders.created_at >= $p0 AND orders.created_at < $p1
  GROUP BY
    1
), buckets(bucket) AS (
  SELECT
    DATE_TRUNC('HOUR', CAST($p2 AS TIMESTAMP)) AS bucket
  UNION ALL
  SELECT
    CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1' HOUR
  FROM buckets
  WHERE
    CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1' HOUR < CAST($p3 AS TIMESTAMP)
), merged AS (
  SELECT
    orders__created_at__hour,
    COALESCE(MAX(orders__count), 0) AS orders__count
  FROM (
    SELECT
      orders__created_at__hour,
      orders__count
    FROM orders_facts
    UNION ALL
    SELECT
      buckets.bucket AS orders__created_at__hour,
      NULL AS orders__count
    FROM buckets
    WHERE
      NOT buckets.bucket IS NULL
      AND (
        buckets.bucket AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'Europe/Berlin' = buckets.bucket
        OR (
          CAST(CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1' HOUR AS TIMESTAMP) - INTERVAL '1' SECOND
        ) AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'Europe/Berlin' = CAST(CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1' HOUR AS TIMESTAMP) - INTERVAL '1' SECOND
      )
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__hour,
  orders__count
FROM merged
ORDER BY
  orders__created_at__hour ASC
LIMIT 10000

-- postgres {"p0": "2025-03-29 23:00:00", "p1": "2025-03-30 01:59:59.001000", "p2": "2025-03-30 00:00:00", "p3": "2025-03-30 03:59:59.001000"}
WITH RECURSIVE orders_facts AS (
  SELECT
    DATE_TRUNC(
      'HOUR',
      CAST(orders.created_at AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin'
    ) AS orders__created_at__hour,
    CAST(COUNT(*) AS BIGINT) AS orders__count
  FROM orders
  WHERE
    orders.created_at >= %(p0)s AND orders.created_at < %(p1)s
  GROUP BY
    1
), buckets(bucket) AS (
  SELECT
    DATE_TRUNC('HOUR', CAST(%(p2)s AS TIMESTAMP)) AS bucket
  UNION ALL
  SELECT
    CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1 HOUR'
  FROM buckets
  WHERE
    CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1 HOUR' < CAST(%(p3)s AS TIMESTAMP)
), merged AS (
  SELECT
    orders__created_at__hour,
    COALESCE(MAX(orders__count), 0) AS orders__count
  FROM (
    SELECT
      orders__created_at__hour,
      orders__count
    FROM orders_facts
    UNION ALL
    SELECT
      buckets.bucket AS orders__created_at__hour,
      CAST(NULL AS BIGINT) AS orders__count
    FROM buckets
    WHERE
      NOT buckets.bucket IS NULL
      AND (
        buckets.bucket AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'Europe/Berlin' = buckets.bucket
        OR (
          CAST(CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1 HOUR' AS TIMESTAMP) - INTERVAL '1 SECOND'
        ) AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'Europe/Berlin' = CAST(CAST(buckets.bucket AS TIMESTAMP) + INTERVAL '1 HOUR' AS TIMESTAMP) - INTERVAL '1 SECOND'
      )
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__hour,
  orders__count
FROM merged
ORDER BY
  orders__created_at__hour ASC
LIMIT 10000

-- check
SELECT '2025-03-30 00:00:00', 0 UNION ALL SELECT '2025-03-30 01:00:00', 0 UNION ALL SELECT '2025-03-30 03:00:00', 0
