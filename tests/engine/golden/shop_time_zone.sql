/*
about: >-
  Hours as they are in the zone that is asked for, in a range of days of that zone: midnight UTC is half past five in
  Calcutta.
model: shop
query: {"measures": ["orders.count"], "timeDimensions": [{"dimension": "orders.created_at", "granularity": "hour", "dateRange": ["2025-01-16", "2025-04-02"]}], "timezone": "Asia/Kolkata"}
*/

-- sqlite {"p0": "2025-01-15", "p1": "2025-04-03", "p2": "2025-01-15 18:30:00.000", "p3": "2025-04-02 18:30:00.000"}
SELECT
  STRFTIME('%Y-%m-%d %H:00:00', DATETIME(orders.created_at, '+19800 seconds')) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= :p0
  AND orders.created_at < :p1
  AND STRFTIME('%Y-%m-%d %H:%M:%f', orders.created_at) >= :p2
  AND STRFTIME('%Y-%m-%d %H:%M:%f', orders.created_at) < :p3
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2025-01-15 18:30:00", "p1": "2025-04-02 18:30:00"}
SELECT
  DATE_TRUNC(
    'HOUR',
    CAST(orders.created_at AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Kolkata'
  ) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= $p0 AND orders.created_at < $p1
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC
LIMIT 10000

-- postgres {"p0": "2025-01-15 18:30:00", "p1": "2025-04-02 18:30:00"}
SELECT
  DATE_TRUNC(
    'HOUR',
    CAST(orders.created_at AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Kolkata'
  ) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= %(p0)s AND orders.created_at < %(p1)s
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC
LIMIT 10000

-- check
SELECT SUBSTR(CAST(created_at AS VARCHAR), 1, 10) || 'T05:00:00', COUNT(*) FROM orders WHERE id > 101 GROUP BY 1 ORDER BY 1
