/*
about: >-
  An average and a maximum of customers' revenues: sums by customer first, of which the unknown customers are one.
model: shop
query: {"measures": ["orders.per_customer", "orders.best_customer"], "dimensions": ["orders.status", "customers.region"]}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    stage.orders__status,
    stage.customers__region,
    AVG(stage.orders__revenue) AS orders__per_customer
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.region AS customers__region,
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
      2,
      3
  ) AS stage
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    spread.orders__status,
    spread.customers__region,
    spread.orders__best_customer
  FROM (
    SELECT
      spread.orders__status,
      spread.customers__region,
      MAX(spread.orders__best_customer) OVER (PARTITION BY spread.orders__status) AS orders__best_customer,
      spread.is_shown
    FROM (
      SELECT
        stage.orders__status,
        stage.customers__region,
        NULL AS orders__best_customer,
        1 AS is_shown
      FROM (
        SELECT
          orders.status AS orders__status,
          customers.region AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        GROUP BY
          1,
          2
      ) AS stage
      UNION ALL
      SELECT
        stage.orders__status,
        NULL AS customers__region,
        stage.orders__best_customer,
        0 AS is_shown
      FROM (
        SELECT
          stage.orders__status,
          MAX(stage.orders__revenue) AS orders__best_customer
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
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    orders__status,
    customers__region,
    MAX(orders__per_customer) AS orders__per_customer,
    MAX(orders__best_customer) AS orders__best_customer
  FROM (
    SELECT
      orders__status,
      customers__region,
      orders__per_customer,
      NULL AS orders__best_customer
    FROM orders_facts
    UNION ALL
    SELECT
      orders__status,
      customers__region,
      NULL AS orders__per_customer,
      orders__best_customer
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  customers__region,
  orders__per_customer,
  orders__best_customer
FROM merged
ORDER BY
  orders__per_customer DESC,
  orders__status ASC NULLS LAST,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    stage.orders__status,
    stage.customers__region,
    AVG(stage.orders__revenue) AS orders__per_customer
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.region AS customers__region,
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
      2,
      3
  ) AS stage
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    spread.orders__status,
    spread.customers__region,
    spread.orders__best_customer
  FROM (
    SELECT
      spread.orders__status,
      spread.customers__region,
      MAX(spread.orders__best_customer) OVER (PARTITION BY spread.orders__status) AS orders__best_customer,
      spread.is_shown
    FROM (
      SELECT
        stage.orders__status,
        stage.customers__region,
        NULL AS orders__best_customer,
        1 AS is_shown
      FROM (
        SELECT
          orders.status AS orders__status,
          customers.region AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        GROUP BY
          1,
          2
      ) AS stage
      UNION ALL
      SELECT
        stage.orders__status,
        NULL AS customers__region,
        stage.orders__best_customer,
        0 AS is_shown
      FROM (
        SELECT
          stage.orders__status,
          MAX(stage.orders__revenue) AS orders__best_customer
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
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    orders__status,
    customers__region,
    MAX(orders__per_customer) AS orders__per_customer,
    MAX(orders__best_customer) AS orders__best_customer
  FROM (
    SELECT
      orders__status,
      customers__region,
      orders__per_customer,
      NULL AS orders__best_customer
    FROM orders_facts
    UNION ALL
    SELECT
      orders__status,
      customers__region,
      NULL AS orders__per_customer,
      orders__best_customer
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  customers__region,
  orders__per_customer,
  orders__best_customer
FROM merged
ORDER BY
  orders__per_customer DESC,
  orders__status ASC,
  customers__region ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    stage.orders__status,
    stage.customers__region,
    AVG(stage.orders__revenue) AS orders__per_customer
  FROM (
    SELECT
      orders_by_key.orders__status AS orders__status,
      customers.region COLLATE "C" AS customers__region,
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
      2,
      3
  ) AS stage
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    spread.orders__status,
    spread.customers__region,
    spread.orders__best_customer
  FROM (
    SELECT
      spread.orders__status,
      spread.customers__region,
      MAX(spread.orders__best_customer) OVER (PARTITION BY spread.orders__status) AS orders__best_customer,
      spread.is_shown
    FROM (
      SELECT
        stage.orders__status,
        stage.customers__region,
        NULL AS orders__best_customer,
        1 AS is_shown
      FROM (
        SELECT
          orders.status COLLATE "C" AS orders__status,
          customers.region COLLATE "C" AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        GROUP BY
          1,
          2
      ) AS stage
      UNION ALL
      SELECT
        stage.orders__status,
        NULL AS customers__region,
        stage.orders__best_customer,
        0 AS is_shown
      FROM (
        SELECT
          stage.orders__status,
          MAX(stage.orders__revenue) AS orders__best_customer
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
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    orders__status,
    customers__region,
    MAX(orders__per_customer) AS orders__per_customer,
    MAX(orders__best_customer) AS orders__best_customer
  FROM (
    SELECT
      orders__status,
      customers__region,
      orders__per_customer,
      (
        SELECT
          orders_facts_.orders__best_customer
        FROM orders_facts_
        WHERE
          FALSE
      ) AS orders__best_customer
    FROM orders_facts
    UNION ALL
    SELECT
      orders__status,
      customers__region,
      CAST(NULL AS DOUBLE PRECISION) AS orders__per_customer,
      orders__best_customer
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  orders__status,
  customers__region,
  orders__per_customer,
  orders__best_customer
FROM merged
ORDER BY
  orders__per_customer DESC NULLS LAST,
  orders__status ASC,
  customers__region ASC
LIMIT 10000

-- check
WITH each_customer AS (SELECT status, region, customers.id, SUM(amount) AS revenue FROM orders LEFT JOIN customers ON customers.id = customer_id GROUP BY 1, 2, 3)
SELECT status, region, AVG(revenue * 1.0), (SELECT MAX(revenue) FROM (
  SELECT status, customers.id, SUM(amount) AS revenue FROM orders LEFT JOIN customers ON customers.id = customer_id GROUP BY 1, 2
) AS every WHERE every.status = each_customer.status)
FROM each_customer GROUP BY 1, 2 ORDER BY 3 DESC
