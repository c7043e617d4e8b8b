/*
about: >-
  The median of customers' sums: on SQLite, which has none, each sum knows its place among those of its group.
model: shop
query: {"measures": ["orders.typical_customer"], "dimensions": ["orders.status"], "order": {"orders.status": "asc"}}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    ranked.orders__status,
    SUM(
      CASE
        WHEN ranked.orders__typical_customer__rank = CAST(0.5 * (
          ranked.orders__typical_customer__count - 1
        ) AS INTEGER)
        THEN ranked.orders__typical_customer * (
          1 - (
            0.5 * (
              ranked.orders__typical_customer__count - 1
            ) - CAST(0.5 * (
              ranked.orders__typical_customer__count - 1
            ) AS INTEGER)
          )
        )
        WHEN ranked.orders__typical_customer__rank = CAST(0.5 * (
          ranked.orders__typical_customer__count - 1
        ) AS INTEGER) + 1
        THEN ranked.orders__typical_customer * (
          0.5 * (
            ranked.orders__typical_customer__count - 1
          ) - CAST(0.5 * (
            ranked.orders__typical_customer__count - 1
          ) AS INTEGER)
        )
      END
    ) AS orders__typical_customer
  FROM (
    SELECT
      stage.orders__status,
      stage.orders__typical_customer,
      ROW_NUMBER() OVER (
        PARTITION BY stage.orders__status
        ORDER BY stage.orders__typical_customer IS NULL NULLS LAST, stage.orders__typical_customer
      ) - 1 AS orders__typical_customer__rank,
      COUNT(stage.orders__typical_customer) OVER (PARTITION BY stage.orders__status) AS orders__typical_customer__count
    FROM (
      SELECT
        stage.orders__status,
        stage.orders__revenue AS orders__typical_customer
      FROM (
        SELECT
          orders_by_key.orders__status AS orders__status,
          customers.id AS customers__id,
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
    ) AS stage
  ) AS ranked
  GROUP BY
    1
), merged AS (
  SELECT
    orders__status,
    MAX(orders__typical_customer) AS orders__typical_customer
  FROM (
    SELECT
      orders__status,
      orders__typical_customer
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__status,
  orders__typical_customer
FROM merged
ORDER BY
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    stage.orders__status,
    QUANTILE_CONT(stage.orders__revenue, 0.5) AS orders__typical_customer
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.id AS customers__id,
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
  GROUP BY
    1
), merged AS (
  SELECT
    orders__status,
    MAX(orders__typical_customer) AS orders__typical_customer
  FROM (
    SELECT
      orders__status,
      orders__typical_customer
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__status,
  orders__typical_customer
FROM merged
ORDER BY
  orders__status ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    stage.orders__status,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      stage.orders__revenue) AS orders__typical_customer
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.id AS customers__id,
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
  GROUP BY
    1
), merged AS (
  SELECT
    orders__status,
    MAX(orders__typical_customer) AS orders__typical_customer
  FROM (
    SELECT
      orders__status,
      orders__typical_customer
    FROM orders_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  orders__status,
  orders__typical_customer
FROM merged
ORDER BY
  orders__status ASC
LIMIT 10000

-- check
SELECT 'completed', 52.5 UNION ALL SELECT 'pending', 200.0
