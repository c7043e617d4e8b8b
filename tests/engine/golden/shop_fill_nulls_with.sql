/*
about: >-
  A group in which a fact has no row: null, or what the metric declares, also before it is computed with (rule 5).
model: shop
query: {"measures": ["customers.count", "returns.amount", "returns.filled", "orders.pending_revenue"], "dimensions": ["customers.region"], "order": {"customers.region": "asc"}}
*/

-- sqlite
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
    SUM(returns_by_key.returns__amount) AS returns__amount,
    SUM(returns_by_key.returns__filled) AS returns__filled
  FROM (
    SELECT
      returns.customer_id AS customer_id,
      SUM(returns.amount) AS returns__amount,
      SUM(returns.amount) AS returns__filled
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
    SUM(orders_by_key.orders__pending_revenue) AS orders__pending_revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(CASE WHEN orders.status = 'pending' THEN orders.amount END) AS orders__pending_revenue
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(customers__count), 0) AS customers__count,
    MAX(returns__amount) AS returns__amount,
    MAX(returns__filled) AS returns__filled,
    MAX(orders__pending_revenue) AS orders__pending_revenue
  FROM (
    SELECT
      customers__region,
      customers__count,
      NULL AS returns__amount,
      NULL AS returns__filled,
      NULL AS orders__pending_revenue
    FROM customers_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS customers__count,
      returns__amount,
      returns__filled,
      NULL AS orders__pending_revenue
    FROM returns_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS customers__count,
      NULL AS returns__amount,
      NULL AS returns__filled,
      orders__pending_revenue
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  customers__count,
  returns__amount,
  COALESCE(returns__filled, 0) AS returns__filled,
  COALESCE(orders__pending_revenue, 0) AS orders__pending_revenue
FROM merged
ORDER BY
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
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
    SUM(returns_by_key.returns__amount) AS returns__amount,
    SUM(returns_by_key.returns__filled) AS returns__filled
  FROM (
    SELECT
      returns.customer_id AS customer_id,
      SUM(returns.amount) AS returns__amount,
      SUM(returns.amount) AS returns__filled
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
    SUM(orders_by_key.orders__pending_revenue) AS orders__pending_revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(CASE WHEN orders.status = 'pending' THEN orders.amount END) AS orders__pending_revenue
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(customers__count), 0) AS customers__count,
    MAX(returns__amount) AS returns__amount,
    MAX(returns__filled) AS returns__filled,
    MAX(orders__pending_revenue) AS orders__pending_revenue
  FROM (
    SELECT
      customers__region,
      customers__count,
      NULL AS returns__amount,
      NULL AS returns__filled,
      NULL AS orders__pending_revenue
    FROM customers_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS customers__count,
      returns__amount,
      returns__filled,
      NULL AS orders__pending_revenue
    FROM returns_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS customers__count,
      NULL AS returns__amount,
      NULL AS returns__filled,
      orders__pending_revenue
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  customers__count,
  returns__amount,
  COALESCE(returns__filled, 0) AS returns__filled,
  COALESCE(orders__pending_revenue, 0) AS orders__pending_revenue
FROM merged
ORDER BY
  customers__region ASC
LIMIT 10000

-- postgres
WITH customers_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    CAST(COUNT(*) AS BIGINT) AS customers__count
  FROM customers
  GROUP BY
    1
), returns_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(returns_by_key.returns__amount) AS DOUBLE PRECISION) AS returns__amount,
    CAST(SUM(returns_by_key.returns__filled) AS DOUBLE PRECISION) AS returns__filled
  FROM (
    SELECT
      returns.customer_id AS customer_id,
      SUM(returns.amount) AS returns__amount,
      SUM(returns.amount) AS returns__filled
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
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(orders_by_key.orders__pending_revenue) AS DOUBLE PRECISION) AS orders__pending_revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(CASE WHEN orders.status = 'pending' THEN orders.amount END) AS orders__pending_revenue
    FROM orders
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(customers__count), 0) AS customers__count,
    MAX(returns__amount) AS returns__amount,
    MAX(returns__filled) AS returns__filled,
    MAX(orders__pending_revenue) AS orders__pending_revenue
  FROM (
    SELECT
      customers__region,
      customers__count,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount,
      CAST(NULL AS DOUBLE PRECISION) AS returns__filled,
      CAST(NULL AS DOUBLE PRECISION) AS orders__pending_revenue
    FROM customers_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS BIGINT) AS customers__count,
      returns__amount,
      returns__filled,
      CAST(NULL AS DOUBLE PRECISION) AS orders__pending_revenue
    FROM returns_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS BIGINT) AS customers__count,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount,
      CAST(NULL AS DOUBLE PRECISION) AS returns__filled,
      orders__pending_revenue
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  customers__count,
  returns__amount,
  COALESCE(returns__filled, 0) AS returns__filled,
  COALESCE(orders__pending_revenue, 0) AS orders__pending_revenue
FROM merged
ORDER BY
  customers__region ASC
LIMIT 10000

-- check
SELECT
  region, COUNT(*),
  (SELECT SUM(amount) FROM returns JOIN customers AS x ON x.id = customer_id WHERE x.region IS NOT DISTINCT FROM c.region),
  COALESCE((SELECT SUM(amount) FROM returns JOIN customers AS x ON x.id = customer_id WHERE x.region IS NOT DISTINCT FROM c.region), 0),
  CASE region WHEN 'EAST' THEN 200 ELSE 0 END
FROM customers AS c GROUP BY region ORDER BY region NULLS LAST
