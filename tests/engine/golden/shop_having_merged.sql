/*
about: >-
  Filters on metrics of two facts apply after the merge (rule 5).
model: shop
query: {"measures": ["orders.count"], "dimensions": ["customers.region"], "filters": [{"or": [{"member": "returns.amount", "operator": "gte", "values": [12]}, {"member": "orders.revenue", "operator": "notSet"}]}]}
*/

-- sqlite {"p0": 12}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__count) AS orders__count,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      COUNT(*) AS orders__count,
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
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(orders__revenue) AS orders__revenue,
    MAX(returns__amount) AS returns__amount
  FROM (
    SELECT
      customers__region,
      orders__count,
      orders__revenue,
      NULL AS returns__amount
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__count,
      NULL AS orders__revenue,
      returns__amount
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__count
FROM merged
WHERE
  (
    returns__amount >= :p0 OR orders__revenue IS NULL
  )
ORDER BY
  orders__count DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": 12}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__count) AS orders__count,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      COUNT(*) AS orders__count,
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
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(orders__revenue) AS orders__revenue,
    MAX(returns__amount) AS returns__amount
  FROM (
    SELECT
      customers__region,
      orders__count,
      orders__revenue,
      NULL AS returns__amount
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__count,
      NULL AS orders__revenue,
      returns__amount
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__count
FROM merged
WHERE
  (
    returns__amount >= $p0 OR orders__revenue IS NULL
  )
ORDER BY
  orders__count DESC,
  customers__region ASC
LIMIT 10000

-- postgres {"p0": 12}
WITH orders_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(orders_by_key.orders__count) AS BIGINT) AS orders__count,
    CAST(SUM(orders_by_key.orders__revenue) AS DOUBLE PRECISION) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      COUNT(*) AS orders__count,
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
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(returns_by_key.returns__amount) AS DOUBLE PRECISION) AS returns__amount
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
), merged AS (
  SELECT
    customers__region,
    COALESCE(MAX(orders__count), 0) AS orders__count,
    MAX(orders__revenue) AS orders__revenue,
    MAX(returns__amount) AS returns__amount
  FROM (
    SELECT
      customers__region,
      orders__count,
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS BIGINT) AS orders__count,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      returns__amount
    FROM returns_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__count
FROM merged
WHERE
  (
    returns__amount >= %(p0)s OR orders__revenue IS NULL
  )
ORDER BY
  orders__count DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
SELECT region, (SELECT COUNT(*) FROM orders JOIN customers AS c ON c.id = customer_id WHERE c.region = r.region)
FROM customers AS r WHERE region IN ('EAST', 'NORTH') GROUP BY region ORDER BY 2 DESC, 1
