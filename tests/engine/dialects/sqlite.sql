-- a sum by month
SELECT
  STRFTIME('%Y-%m-01', orders.created_at) AS orders__created_at__month,
  SUM(orders.amount) AS orders__revenue
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__month ASC NULLS LAST
LIMIT 10000

-- weeks, quarters and years, of a range of days
-- {"p0": "2025-01-01", "p1": "2025-04-01"}
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
  STRFTIME('%Y-01-01', orders.created_at) AS orders__created_at__year,
  DATE(orders.created_at, 'weekday 0', '-6 days') AS orders__created_at__week,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= :p0 AND orders.created_at < :p1
GROUP BY
  1,
  2,
  3
ORDER BY
  orders__created_at__quarter ASC NULLS LAST,
  orders__created_at__year ASC NULLS LAST,
  orders__created_at__week ASC NULLS LAST
LIMIT 10000

-- hours in a zone
-- {"p0": "2025-01-15", "p1": "2025-04-03", "p2": "2025-01-15 18:30:00.000", "p3": "2025-04-02 18:30:00.000"}
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

-- fiscal years and fortnights
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
  DATE(
    (
      STRFTIME('%s', orders.created_at) + 62136806400
    ) / 1209600 * 1209600 - 62136806400,
    'unixepoch'
  ) AS orders__created_at__fortnight,
  COUNT(*) AS orders__count
FROM orders
GROUP BY
  1,
  2
ORDER BY
  orders__created_at__fiscal_year ASC NULLS LAST,
  orders__created_at__fortnight ASC NULLS LAST
LIMIT 10000

-- two facts side by side
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), returns_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(returns_by_key.returns__amount) AS returns__amount,
    SUM(returns_by_key.returns__count) AS returns__count
  FROM (
    SELECT
      returns.customer_id AS customer_id,
      SUM(returns.amount) AS returns__amount,
      COUNT(*) AS returns__count
    FROM returns
    GROUP BY
      1
  ) AS returns_by_key
  LEFT JOIN customers
    ON returns_by_key.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    MAX(orders__revenue) AS orders__revenue,
    MAX(returns__amount) AS returns__amount,
    COALESCE(MAX(returns__count), 0) AS returns__count
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      NULL AS returns__amount,
      NULL AS returns__count
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      returns__amount,
      returns__count
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__revenue,
  returns__amount,
  returns__count
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- rows that a join repeats
SELECT
  orders_once.items__product AS items__product,
  SUM(orders_once.revenue) AS orders__revenue,
  AVG(orders_once.revenue) AS orders__average,
  COUNT(*) AS orders__count
FROM (
  SELECT DISTINCT
    orders.id AS key__id,
    items.product AS items__product,
    orders.amount AS revenue
  FROM orders
  LEFT JOIN items
    ON items.order_id = orders.id
) AS orders_once
GROUP BY
  1
ORDER BY
  orders__revenue DESC,
  items__product ASC NULLS LAST
LIMIT 3
OFFSET 1

-- ratios, and a filter on a metric
-- {"p0": 20}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    CAST(SUM(orders.amount) AS REAL) / NULLIF(COUNT(orders.id), 0) AS orders__mean_by_hand,
    SUM(orders.amount) AS orders__revenue,
    COUNT(*) AS orders__count,
    COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS orders__completed_count
  FROM orders
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), items_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(items_by_key.items__qty) AS items__qty
  FROM (
    SELECT
      items.order_id AS order_id,
      SUM(items.qty) AS items__qty
    FROM items
    GROUP BY
      1
  ) AS items_by_key
  LEFT JOIN orders
    ON items_by_key.order_id = orders.id
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    MAX(orders__mean_by_hand) AS orders__mean_by_hand,
    MAX(orders__revenue) AS orders__revenue,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    COALESCE(MAX(orders__completed_count), 0) AS orders__completed_count,
    MAX(items__qty) AS items__qty
  FROM (
    SELECT
      customers__region,
      orders__mean_by_hand,
      orders__revenue,
      orders__count,
      orders__completed_count,
      NULL AS items__qty
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__mean_by_hand,
      NULL AS orders__revenue,
      NULL AS orders__count,
      NULL AS orders__completed_count,
      items__qty
    FROM items_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  CAST(items__qty AS REAL) / NULLIF(orders__count, 0) AS orders__items_per_order,
  1.0 * orders__completed_count / NULLIF(orders__count, 0) AS orders__completion_rate,
  orders__mean_by_hand
FROM merged
WHERE
  orders__revenue > :p0
ORDER BY
  orders__items_per_order DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- texts that hold signs of patterns
-- {"p0": "%50!%!_\\!!%", "p1": "*", "p2": "W%", "p3": "*", "p4": "pending", "p5": "it's", "p6": "EAST"}
SELECT
  orders.status AS orders__status,
  COUNT(*) AS orders__count
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  orders.status LIKE :p0 ESCAPE '!'
  AND orders.status GLOB :p1
  AND (
    NOT (
      customers.region LIKE :p2 ESCAPE '!' AND customers.region GLOB :p3
    )
    OR customers.region IS NULL
  )
  AND (
    orders.status IN (:p4, :p5) OR customers.region >= :p6
  )
GROUP BY
  1
ORDER BY
  orders__count DESC,
  orders__status ASC NULLS LAST
LIMIT 10000

-- missing months filled
-- {"p0": "2024-12-01", "p1": "2025-07-01", "p2": "2024-12-01", "p3": "2025-07-01"}
WITH RECURSIVE orders_facts AS (
  SELECT
    customers.region AS customers__region,
    orders_by_key.orders__created_at__month AS orders__created_at__month,
    SUM(orders_by_key.orders__count) AS orders__count,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      STRFTIME('%Y-%m-01', orders.created_at) AS orders__created_at__month,
      orders.customer_id AS customer_id,
      COUNT(*) AS orders__count,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    WHERE
      orders.created_at >= :p0 AND orders.created_at < :p1
    GROUP BY
      1,
      2
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1,
    2
), buckets(bucket) AS (
  SELECT
    STRFTIME('%Y-%m-01', :p2) AS bucket
  UNION ALL
  SELECT
    MIN(
      DATE(buckets.bucket, '+1 months'),
      DATE(buckets.bucket, 'start of month', '+2 months', '-1 day')
    )
  FROM buckets
  WHERE
    MIN(
      DATE(buckets.bucket, '+1 months'),
      DATE(buckets.bucket, 'start of month', '+2 months', '-1 day')
    ) < :p3
), merged AS (
  SELECT
    customers__region,
    orders__created_at__month,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(orders__revenue) AS orders__revenue
  FROM (
    SELECT
      customers__region,
      orders__created_at__month,
      orders__count,
      orders__revenue
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      buckets.bucket AS orders__created_at__month,
      NULL AS orders__count,
      NULL AS orders__revenue
    FROM buckets
    CROSS JOIN (
      SELECT DISTINCT
        customers__region
      FROM orders_facts
    ) AS combinations
    WHERE
      NOT buckets.bucket IS NULL
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  orders__created_at__month,
  orders__count,
  orders__revenue
FROM merged
ORDER BY
  orders__created_at__month ASC NULLS LAST,
  customers__region ASC NULLS LAST
LIMIT 10000

-- missing fortnights of the data filled
WITH RECURSIVE orders_facts AS (
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
), buckets(bucket) AS (
  SELECT
    (
      SELECT
        MIN(orders__created_at__fortnight)
      FROM (
        SELECT
          orders__created_at__fortnight
        FROM orders_facts
      ) AS facts
    ) AS bucket
  UNION ALL
  SELECT
    DATE(buckets.bucket, '+1209600 seconds')
  FROM buckets
  WHERE
    DATE(buckets.bucket, '+1209600 seconds') <= (
      SELECT
        MAX(orders__created_at__fortnight)
      FROM (
        SELECT
          orders__created_at__fortnight
        FROM orders_facts
      ) AS facts
    )
), merged AS (
  SELECT
    orders__created_at__fortnight,
    COALESCE(MAX(orders__count), 0) AS orders__count
  FROM (
    SELECT
      orders__created_at__fortnight,
      orders__count
    FROM orders_facts
    UNION ALL
    SELECT
      buckets.bucket AS orders__created_at__fortnight,
      NULL AS orders__count
    FROM buckets
    WHERE
      NOT buckets.bucket IS NULL
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__created_at__fortnight,
  orders__count
FROM merged
ORDER BY
  orders__created_at__fortnight ASC NULLS LAST
LIMIT 10000

-- distinct values, counted and estimated
SELECT
  COUNT(DISTINCT customers.region) AS customers__regions,
  COUNT(DISTINCT customers.region) AS customers__regions_about,
  AVG(customers.age) AS customers__average_age
FROM customers

-- a value computed in another table
SELECT
  orders_revenue.value AS customers__spent,
  COUNT(*) AS customers__count
FROM customers
LEFT JOIN (
  SELECT
    customers.id AS id,
    SUM(orders_by_key.value) AS value
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS value
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
) AS orders_revenue
  ON customers.id = orders_revenue.id
GROUP BY
  1
ORDER BY
  customers__count DESC,
  customers__spent ASC NULLS LAST
LIMIT 10000

-- booleans, cases and a segment
-- {"p0": 1}
SELECT
  orders.amount >= 75 AS orders__large,
  CASE
    WHEN NOT customers.id IS NULL
    THEN CASE
      WHEN customers.age < 45
      THEN 'young'
      WHEN customers.age < 65
      THEN 'middle'
      ELSE 'old'
    END
  END AS customers__age_group
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  (
    orders.amount >= 75
  ) = :p0 AND customers.age < 45
GROUP BY
  1,
  2
ORDER BY
  orders__large ASC NULLS LAST,
  customers__age_group ASC NULLS LAST
LIMIT 10000

-- hours filled where the clocks skip one
-- {"p0": "2025-03-28", "p1": "2025-04-01", "p2": "2025-03-28 23:00:00.000", "p3": "2025-03-31 22:00:00.000", "p4": "2025-03-29", "p5": "2025-04-01"}
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

-- the last time of each fact beside others
WITH customers_facts AS (
  SELECT
    customers.region AS customers__region,
    COUNT(*) AS customers__count
  FROM customers
  GROUP BY
    1
), returns_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(returns_by_key.returns__amount) AS returns__amount
  FROM (
    SELECT
      returns.customer_id AS customer_id,
      SUM(returns.amount) AS returns__amount
    FROM returns
    GROUP BY
      1
  ) AS returns_by_key
  LEFT JOIN customers
    ON returns_by_key.customer_id = customers.id
  GROUP BY
    1
), orders_facts AS (
  SELECT
    customers.region AS customers__region,
    MAX(orders.created_at) AS orders__last_order_at,
    MAX(orders.amount) AS orders__largest
  FROM orders
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(customers__count), 0) AS customers__count,
    MAX(returns__amount) AS returns__amount,
    MAX(orders__last_order_at) AS orders__last_order_at,
    MAX(orders__largest) AS orders__largest
  FROM (
    SELECT
      customers__region,
      customers__count,
      NULL AS returns__amount,
      NULL AS orders__last_order_at,
      NULL AS orders__largest
    FROM customers_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS customers__count,
      returns__amount,
      NULL AS orders__last_order_at,
      NULL AS orders__largest
    FROM returns_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS customers__count,
      NULL AS returns__amount,
      orders__last_order_at,
      orders__largest
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  customers__count,
  returns__amount,
  orders__last_order_at,
  orders__largest
FROM merged
ORDER BY
  customers__count DESC,
  customers__region ASC NULLS LAST
LIMIT 10000
