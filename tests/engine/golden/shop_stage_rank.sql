/*
about: >-
  The place of each region among those of a status, by revenue.
model: shop
query: {"measures": ["orders.place", "orders.revenue"], "dimensions": ["orders.status", "customers.region"], "order": {"orders.status": "asc", "orders.place": "asc"}}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    orders_by_key.orders__status AS orders__status,
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.status AS orders__status,
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    GROUP BY
      1,
      2
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    stage.orders__status,
    stage.customers__region,
    RANK() OVER (PARTITION BY stage.orders__status ORDER BY stage.orders__revenue DESC) AS orders__place
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.region AS customers__region,
      SUM(orders_by_key.orders__revenue) AS orders__revenue
    FROM (
      SELECT
        orders.status AS orders__status,
        orders.customer_id AS customer_id,
        SUM(orders.amount) AS orders__revenue
      FROM orders
      GROUP BY
        1,
        2
    ) AS orders_by_key
    LEFT JOIN customers
      ON orders_by_key.customer_id = customers.id
    GROUP BY
      1,
      2
  ) AS stage
), merged AS (
  SELECT
    orders__status,
    customers__region,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__place) AS orders__place
  FROM (
    SELECT
      orders__status,
      customers__region,
      orders__revenue,
      NULL AS orders__place
    FROM orders_facts
    UNION ALL
    SELECT
      orders__status,
      customers__region,
      NULL AS orders__revenue,
      orders__place
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  customers__region,
  orders__place,
  orders__revenue
FROM merged
ORDER BY
  orders__status ASC NULLS LAST,
  orders__place ASC NULLS LAST,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    orders_by_key.orders__status AS orders__status,
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.status AS orders__status,
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    GROUP BY
      1,
      2
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    stage.orders__status,
    stage.customers__region,
    RANK() OVER (PARTITION BY stage.orders__status ORDER BY stage.orders__revenue DESC) AS orders__place
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.region AS customers__region,
      SUM(orders_by_key.orders__revenue) AS orders__revenue
    FROM (
      SELECT
        orders.status AS orders__status,
        orders.customer_id AS customer_id,
        SUM(orders.amount) AS orders__revenue
      FROM orders
      GROUP BY
        1,
        2
    ) AS orders_by_key
    LEFT JOIN customers
      ON orders_by_key.customer_id = customers.id
    GROUP BY
      1,
      2
  ) AS stage
), merged AS (
  SELECT
    orders__status,
    customers__region,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__place) AS orders__place
  FROM (
    SELECT
      orders__status,
      customers__region,
      orders__revenue,
      NULL AS orders__place
    FROM orders_facts
    UNION ALL
    SELECT
      orders__status,
      customers__region,
      NULL AS orders__revenue,
      orders__place
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  customers__region,
  orders__place,
  orders__revenue
FROM merged
ORDER BY
  orders__status ASC,
  orders__place ASC,
  customers__region ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    orders_by_key.orders__status AS orders__status,
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(orders_by_key.orders__revenue) AS DOUBLE PRECISION) AS orders__revenue
  FROM (
    SELECT
      orders.status COLLATE "C" AS orders__status,
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    GROUP BY
      1,
      2
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    stage.orders__status,
    stage.customers__region,
    RANK() OVER (PARTITION BY stage.orders__status ORDER BY stage.orders__revenue DESC NULLS LAST) AS orders__place
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.region COLLATE "C" AS customers__region,
      SUM(orders_by_key.orders__revenue) AS orders__revenue
    FROM (
      SELECT
        orders.status COLLATE "C" AS orders__status,
        orders.customer_id AS customer_id,
        SUM(orders.amount) AS orders__revenue
      FROM orders
      GROUP BY
        1,
        2
    ) AS orders_by_key
    LEFT JOIN customers
      ON orders_by_key.customer_id = customers.id
    GROUP BY
      1,
      2
  ) AS stage
), merged AS (
  SELECT
    orders__status,
    customers__region,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__place) AS orders__place
  FROM (
    SELECT
      orders__status,
      customers__region,
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS orders__place
    FROM orders_facts
    UNION ALL
    SELECT
      orders__status,
      customers__region,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      orders__place
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  customers__region,
  orders__place,
  orders__revenue
FROM merged
ORDER BY
  orders__status ASC,
  orders__place ASC,
  customers__region ASC
LIMIT 10000

-- check
SELECT status, region, RANK() OVER (PARTITION BY status ORDER BY SUM(amount) DESC), SUM(amount)
FROM orders LEFT JOIN customers ON customers.id = customer_id GROUP BY 1, 2 ORDER BY 1, 3
