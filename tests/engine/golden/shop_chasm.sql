/*
about: >-
  Two facts that share a dimension are each aggregated alone, then merged; null meets null, and a fact without a row
  is null (rule 5).
model: shop
query: {"measures": ["orders.revenue", "orders.count", "returns.amount", "returns.count"], "dimensions": ["customers.region"]}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue,
    SUM(orders_by_key.orders__count) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue,
      COUNT(*) AS orders__count
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
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(returns__amount) AS returns__amount,
    COALESCE(MAX(returns__count), 0) AS returns__count
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      orders__count,
      NULL AS returns__amount,
      NULL AS returns__count
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      NULL AS orders__count,
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
  orders__count,
  returns__amount,
  returns__count
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue,
    SUM(orders_by_key.orders__count) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue,
      COUNT(*) AS orders__count
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
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(returns__amount) AS returns__amount,
    COALESCE(MAX(returns__count), 0) AS returns__count
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      orders__count,
      NULL AS returns__amount,
      NULL AS returns__count
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      NULL AS orders__count,
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
  orders__count,
  returns__amount,
  returns__count
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(orders_by_key.orders__revenue) AS DOUBLE PRECISION) AS orders__revenue,
    CAST(SUM(orders_by_key.orders__count) AS BIGINT) AS orders__count
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue,
      COUNT(*) AS orders__count
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
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(returns_by_key.returns__amount) AS DOUBLE PRECISION) AS returns__amount,
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
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(returns__amount) AS returns__amount,
    COALESCE(MAX(returns__count), 0) AS returns__count
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      orders__count,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount,
      CAST(NULL AS BIGINT) AS returns__count
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      CAST(NULL AS BIGINT) AS orders__count,
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
  orders__count,
  returns__amount,
  returns__count
FROM merged
ORDER BY
  orders__revenue DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
WITH regions AS (
  SELECT region FROM customers UNION SELECT NULL
)
SELECT
  region,
  (SELECT SUM(amount) FROM orders AS o LEFT JOIN customers AS c ON c.id = o.customer_id
   WHERE c.region = r.region OR (c.region IS NULL AND r.region IS NULL)) AS revenue,
  (SELECT COUNT(*) FROM orders AS o LEFT JOIN customers AS c ON c.id = o.customer_id
   WHERE c.region = r.region OR (c.region IS NULL AND r.region IS NULL)) AS orders,
  (SELECT SUM(amount) FROM returns AS o LEFT JOIN customers AS c ON c.id = o.customer_id
   WHERE c.region = r.region OR (c.region IS NULL AND r.region IS NULL)) AS returned,
  (SELECT COUNT(*) FROM returns AS o LEFT JOIN customers AS c ON c.id = o.customer_id
   WHERE c.region = r.region OR (c.region IS NULL AND r.region IS NULL)) AS returns
FROM regions AS r ORDER BY 2 DESC NULLS LAST, 1 NULLS LAST
