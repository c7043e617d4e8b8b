-- a sum by month
SELECT
  CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS orders__created_at__month,
  SUM(orders.amount) AS orders__revenue
FROM orders
GROUP BY
  1
ORDER BY
  orders__created_at__month ASC NULLS LAST
LIMIT 10000

-- weeks, quarters and years, of a range of days
-- {"p0": "2025-01-01 00:00:00", "p1": "2025-04-01 00:00:00"}
SELECT
  CAST(DATE_TRUNC('QUARTER', orders.created_at) AS DATE) AS orders__created_at__quarter,
  CAST(DATE_TRUNC('YEAR', orders.created_at) AS DATE) AS orders__created_at__year,
  CAST(DATE_TRUNC('WEEK', orders.created_at) AS DATE) AS orders__created_at__week,
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
-- {"p0": "2025-01-15 18:30:00", "p1": "2025-04-02 18:30:00"}
SELECT
  DATE_TRUNC('HOUR', FROM_UTC_TIMESTAMP(orders.created_at, 'Asia/Kolkata')) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= :p0 AND orders.created_at < :p1
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC NULLS LAST
LIMIT 10000

-- fiscal years and fortnights
SELECT
  CAST(TIMESTAMPADD(
    MONTH,
    -MOD(EXTRACT(MONTH FROM orders.created_at) + 10, 12),
    DATE_TRUNC('MONTH', CAST(orders.created_at AS TIMESTAMP))
  ) AS DATE) AS orders__created_at__fiscal_year,
  CAST(TIMESTAMPADD(
    SECOND,
    CAST(FLOOR(CAST((
      UNIX_TIMESTAMP(orders.created_at) - 1736121600
    ) AS DOUBLE) / 1209600) AS BIGINT) * 1209600,
    CAST('2025-01-06 00:00:00' AS TIMESTAMP)
  ) AS DATE) AS orders__created_at__fortnight,
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
    CAST(SUM(orders_by_key.orders__revenue) AS DOUBLE) AS orders__revenue
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
    CAST(SUM(returns_by_key.returns__amount) AS DOUBLE) AS returns__amount,
    CAST(SUM(returns_by_key.returns__count) AS BIGINT) AS returns__count
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
      CAST(NULL AS DOUBLE) AS returns__amount,
      CAST(NULL AS BIGINT) AS returns__count
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS DOUBLE) AS orders__revenue,
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
  AVG(CAST(orders_once.revenue AS DOUBLE)) AS orders__average,
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
    CAST(CAST(SUM(orders.amount) AS DOUBLE) / NULLIF(COUNT(orders.id), 0) AS DOUBLE) AS orders__mean_by_hand,
    CAST(SUM(orders.amount) AS DOUBLE) AS orders__revenue,
    CAST(COUNT(*) AS BIGINT) AS orders__count,
    CAST(COUNT(CASE WHEN orders.status = 'completed' THEN 1 END) AS BIGINT) AS orders__completed_count
  FROM orders
  LEFT JOIN customers
    ON orders.customer_id = customers.id
  GROUP BY
    1
), items_facts AS (
  SELECT
    customers.region AS customers__region,
    CAST(SUM(items_by_key.items__qty) AS DOUBLE) AS items__qty
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
      CAST(NULL AS DOUBLE) AS items__qty
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS DOUBLE) AS orders__mean_by_hand,
      CAST(NULL AS DOUBLE) AS orders__revenue,
      CAST(NULL AS BIGINT) AS orders__count,
      CAST(NULL AS BIGINT) AS orders__completed_count,
      items__qty
    FROM items_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  CAST(items__qty AS DOUBLE) / NULLIF(orders__count, 0) AS orders__items_per_order,
  CAST(1.0 * orders__completed_count AS DOUBLE) / NULLIF(orders__count, 0) AS orders__completion_rate,
  orders__mean_by_hand
FROM merged
WHERE
  orders__revenue > :p0
ORDER BY
  orders__items_per_order DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- texts that hold signs of patterns
-- {"p0": "%50!%!_\\!!%", "p1": "W%", "p2": "pending", "p3": "it's", "p4": "EAST"}
SELECT
  orders.status AS orders__status,
  COUNT(*) AS orders__count
FROM orders
LEFT JOIN customers
  ON orders.customer_id = customers.id
WHERE
  orders.status ILIKE :p0 ESCAPE '!'
  AND (
    NOT (
      customers.region ILIKE :p1 ESCAPE '!'
    ) OR customers.region IS NULL
  )
  AND (
    orders.status IN (:p2, :p3) OR customers.region >= :p4
  )
GROUP BY
  1
ORDER BY
  orders__count DESC,
  orders__status ASC NULLS LAST
LIMIT 10000

-- missing months filled
-- {"p0": "2024-12-01 00:00:00", "p1": "2025-07-01 00:00:00", "p2": "2024-12-01 00:00:00", "p3": "2025-07-01 00:00:00"}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    orders_by_key.orders__created_at__month AS orders__created_at__month,
    CAST(SUM(orders_by_key.orders__count) AS BIGINT) AS orders__count,
    CAST(SUM(orders_by_key.orders__revenue) AS DOUBLE) AS orders__revenue
  FROM (
    SELECT
      CAST(DATE_TRUNC('MONTH', orders.created_at) AS DATE) AS orders__created_at__month,
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
), buckets AS (
  SELECT
    EXPLODE(
      SEQUENCE(
        CAST(DATE_TRUNC('MONTH', CAST(:p2 AS TIMESTAMP)) AS DATE),
        CAST(TIMESTAMPADD(MILLISECOND, -1, CAST(:p3 AS TIMESTAMP)) AS DATE),
        INTERVAL '1' MONTH
      )
    ) AS bucket
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
      CAST(NULL AS BIGINT) AS orders__count,
      CAST(NULL AS DOUBLE) AS orders__revenue
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
WITH orders_facts AS (
  SELECT
    CAST(TIMESTAMPADD(
      SECOND,
      CAST(FLOOR(CAST((
        UNIX_TIMESTAMP(orders.created_at) - 1736121600
      ) AS DOUBLE) / 1209600) AS BIGINT) * 1209600,
      CAST('2025-01-06 00:00:00' AS TIMESTAMP)
    ) AS DATE) AS orders__created_at__fortnight,
    CAST(COUNT(*) AS BIGINT) AS orders__count
  FROM orders
  GROUP BY
    1
), buckets AS (
  SELECT
    EXPLODE(
      SEQUENCE(
        (
          SELECT
            MIN(orders__created_at__fortnight)
          FROM (
            SELECT
              orders__created_at__fortnight
            FROM orders_facts
          ) AS facts
        ),
        (
          SELECT
            MAX(orders__created_at__fortnight)
          FROM (
            SELECT
              orders__created_at__fortnight
            FROM orders_facts
          ) AS facts
        ),
        INTERVAL '14' DAY
      )
    ) AS bucket
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
      CAST(NULL AS BIGINT) AS orders__count
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
  APPROX_COUNT_DISTINCT(customers.region) AS customers__regions_about,
  AVG(CAST(customers.age AS DOUBLE)) AS customers__average_age
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
-- {"p0": true}
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
-- {"p0": "2025-03-28 23:00:00", "p1": "2025-03-31 22:00:00", "p2": "2025-03-29 00:00:00", "p3": "2025-04-01 00:00:00"}
WITH orders_facts AS (
  SELECT
    DATE_TRUNC('HOUR', FROM_UTC_TIMESTAMP(orders.created_at, 'Europe/Berlin')) AS orders__created_at__hour,
    CAST(COUNT(*) AS BIGINT) AS orders__count
  FROM orders
  WHERE
    orders.created_at >= :p0 AND orders.created_at < :p1
  GROUP BY
    1
), buckets AS (
  SELECT
    EXPLODE(
      SEQUENCE(
        DATE_TRUNC('HOUR', CAST(:p2 AS TIMESTAMP)),
        TIMESTAMPADD(MILLISECOND, -1, CAST(:p3 AS TIMESTAMP)),
        INTERVAL '3600' SECOND
      )
    ) AS bucket
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
        FROM_UTC_TIMESTAMP(TO_UTC_TIMESTAMP(buckets.bucket, 'Europe/Berlin'), 'Europe/Berlin') = buckets.bucket
        OR FROM_UTC_TIMESTAMP(
          TO_UTC_TIMESTAMP(TIMESTAMPADD(SECOND, -1, TIMESTAMPADD(HOUR, 1, buckets.bucket)), 'Europe/Berlin'),
          'Europe/Berlin'
        ) = TIMESTAMPADD(SECOND, -1, TIMESTAMPADD(HOUR, 1, buckets.bucket))
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
    CAST(COUNT(*) AS BIGINT) AS customers__count
  FROM customers
  GROUP BY
    1
), returns_facts AS (
  SELECT
    customers.region AS customers__region,
    CAST(SUM(returns_by_key.returns__amount) AS DOUBLE) AS returns__amount
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
      CAST(NULL AS DOUBLE) AS returns__amount,
      (
        SELECT
          orders_facts.orders__last_order_at
        FROM orders_facts
        WHERE
          FALSE
      ) AS orders__last_order_at,
      (
        SELECT
          orders_facts.orders__largest
        FROM orders_facts
        WHERE
          FALSE
      ) AS orders__largest
    FROM customers_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS BIGINT) AS customers__count,
      returns__amount,
      (
        SELECT
          orders_facts.orders__last_order_at
        FROM orders_facts
        WHERE
          FALSE
      ) AS orders__last_order_at,
      (
        SELECT
          orders_facts.orders__largest
        FROM orders_facts
        WHERE
          FALSE
      ) AS orders__largest
    FROM returns_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS BIGINT) AS customers__count,
      CAST(NULL AS DOUBLE) AS returns__amount,
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
