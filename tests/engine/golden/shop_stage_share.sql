/*
about: >-
  A share of the grand total, which stands in each row; the total is computed from the rows, whatever the groups.
model: shop
query: {"measures": ["orders.revenue", "orders.of_all", "orders.share_of_all"], "dimensions": ["customers.region", "orders.status"]}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    orders_by_key.orders__status AS orders__status,
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
    stage.customers__region,
    stage.orders__status,
    SUM(stage.orders__revenue) OVER () AS orders__of_all
  FROM (
    SELECT
      customers.region AS customers__region,
      orders_by_key.orders__status AS orders__status,
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
    customers__region,
    orders__status,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_all) AS orders__of_all
  FROM (
    SELECT
      customers__region,
      orders__status,
      orders__revenue,
      NULL AS orders__of_all
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      orders__status,
      NULL AS orders__revenue,
      orders__of_all
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  orders__status,
  orders__revenue,
  orders__of_all,
  CAST(orders__revenue AS REAL) / NULLIF(orders__of_all, 0) AS orders__share_of_all
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST,
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    orders_by_key.orders__status AS orders__status,
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
    stage.customers__region,
    stage.orders__status,
    SUM(stage.orders__revenue) OVER () AS orders__of_all
  FROM (
    SELECT
      customers.region AS customers__region,
      orders_by_key.orders__status AS orders__status,
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
    customers__region,
    orders__status,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_all) AS orders__of_all
  FROM (
    SELECT
      customers__region,
      orders__status,
      orders__revenue,
      NULL AS orders__of_all
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      orders__status,
      NULL AS orders__revenue,
      orders__of_all
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  orders__status,
  orders__revenue,
  orders__of_all,
  CAST(orders__revenue AS DOUBLE) / NULLIF(orders__of_all, 0) AS orders__share_of_all
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC,
  orders__status ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    orders_by_key.orders__status AS orders__status,
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
    stage.customers__region,
    stage.orders__status,
    SUM(stage.orders__revenue) OVER () AS orders__of_all
  FROM (
    SELECT
      customers.region COLLATE "C" AS customers__region,
      orders_by_key.orders__status AS orders__status,
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
    customers__region,
    orders__status,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_all) AS orders__of_all
  FROM (
    SELECT
      customers__region,
      orders__status,
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS orders__of_all
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      orders__status,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      orders__of_all
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  orders__status,
  orders__revenue,
  orders__of_all,
  CAST(orders__revenue AS DOUBLE PRECISION) / NULLIF(orders__of_all, 0) AS orders__share_of_all
FROM merged
ORDER BY
  orders__revenue DESC NULLS LAST,
  customers__region ASC,
  orders__status ASC
LIMIT 10000

-- check
SELECT region, status, SUM(amount) AS revenue, (SELECT SUM(amount) FROM orders), SUM(amount) * 1.0 / (SELECT SUM(amount) FROM orders)
FROM orders LEFT JOIN customers ON customers.id = customer_id GROUP BY 1, 2 ORDER BY 3 DESC
