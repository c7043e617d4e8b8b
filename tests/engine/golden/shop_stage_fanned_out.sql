/*
about: >-
  The revenue of a region beside that by region and product: the sum over products would count an order once for each of them.
model: shop
query: {"measures": ["orders.revenue", "orders.of_region"], "dimensions": ["customers.region", "items.product"]}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    orders_once.customers__region AS customers__region,
    orders_once.items__product AS items__product,
    SUM(orders_once.revenue) AS orders__revenue
  FROM (
    SELECT DISTINCT
      orders.id AS key__id,
      customers.region AS customers__region,
      items.product AS items__product,
      orders.amount AS revenue
    FROM orders
    LEFT JOIN customers
      ON orders.customer_id = customers.id
    LEFT JOIN items
      ON items.order_id = orders.id
  ) AS orders_once
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    spread.customers__region,
    spread.items__product,
    spread.orders__of_region
  FROM (
    SELECT
      spread.customers__region,
      spread.items__product,
      MAX(spread.orders__of_region) OVER (PARTITION BY spread.customers__region) AS orders__of_region,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        stage.items__product,
        NULL AS orders__of_region,
        1 AS is_shown
      FROM (
        SELECT
          customers.region AS customers__region,
          items.product AS items__product
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        LEFT JOIN items
          ON items.order_id = orders.id
        GROUP BY
          1,
          2
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        NULL AS items__product,
        stage.orders__of_region,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__of_region
        FROM (
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
        ) AS stage
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    customers__region,
    items__product,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_region) AS orders__of_region
  FROM (
    SELECT
      customers__region,
      items__product,
      orders__revenue,
      NULL AS orders__of_region
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      items__product,
      NULL AS orders__revenue,
      orders__of_region
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  items__product,
  orders__revenue,
  orders__of_region
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST,
  items__product ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH orders_facts AS (
  SELECT
    orders_once.customers__region AS customers__region,
    orders_once.items__product AS items__product,
    SUM(orders_once.revenue) AS orders__revenue
  FROM (
    SELECT DISTINCT
      orders.id AS key__id,
      customers.region AS customers__region,
      items.product AS items__product,
      orders.amount AS revenue
    FROM orders
    LEFT JOIN customers
      ON orders.customer_id = customers.id
    LEFT JOIN items
      ON items.order_id = orders.id
  ) AS orders_once
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    spread.customers__region,
    spread.items__product,
    spread.orders__of_region
  FROM (
    SELECT
      spread.customers__region,
      spread.items__product,
      MAX(spread.orders__of_region) OVER (PARTITION BY spread.customers__region) AS orders__of_region,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        stage.items__product,
        NULL AS orders__of_region,
        1 AS is_shown
      FROM (
        SELECT
          customers.region AS customers__region,
          items.product AS items__product
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        LEFT JOIN items
          ON items.order_id = orders.id
        GROUP BY
          1,
          2
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        NULL AS items__product,
        stage.orders__of_region,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__of_region
        FROM (
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
        ) AS stage
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    customers__region,
    items__product,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_region) AS orders__of_region
  FROM (
    SELECT
      customers__region,
      items__product,
      orders__revenue,
      NULL AS orders__of_region
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      items__product,
      NULL AS orders__revenue,
      orders__of_region
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  items__product,
  orders__revenue,
  orders__of_region
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC,
  items__product ASC
LIMIT 10000

-- postgres
WITH orders_facts AS (
  SELECT
    orders_once.customers__region AS customers__region,
    orders_once.items__product AS items__product,
    CAST(SUM(orders_once.revenue) AS DOUBLE PRECISION) AS orders__revenue
  FROM (
    SELECT DISTINCT
      orders.id AS key__id,
      customers.region COLLATE "C" AS customers__region,
      items.product COLLATE "C" AS items__product,
      orders.amount AS revenue
    FROM orders
    LEFT JOIN customers
      ON orders.customer_id = customers.id
    LEFT JOIN items
      ON items.order_id = orders.id
  ) AS orders_once
  GROUP BY
    1,
    2
), orders_facts_ AS (
  SELECT
    spread.customers__region,
    spread.items__product,
    spread.orders__of_region
  FROM (
    SELECT
      spread.customers__region,
      spread.items__product,
      MAX(spread.orders__of_region) OVER (PARTITION BY spread.customers__region) AS orders__of_region,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        stage.items__product,
        CAST(NULL AS DOUBLE PRECISION) AS orders__of_region,
        1 AS is_shown
      FROM (
        SELECT
          customers.region COLLATE "C" AS customers__region,
          items.product COLLATE "C" AS items__product
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        LEFT JOIN items
          ON items.order_id = orders.id
        GROUP BY
          1,
          2
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        NULL AS items__product,
        stage.orders__of_region,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__of_region
        FROM (
          SELECT
            customers.region COLLATE "C" AS customers__region,
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
        ) AS stage
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    customers__region,
    items__product,
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_region) AS orders__of_region
  FROM (
    SELECT
      customers__region,
      items__product,
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS orders__of_region
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      items__product,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      orders__of_region
    FROM orders_facts_
  ) AS facts
  GROUP BY
    1,
    2
)
SELECT
  customers__region,
  items__product,
  orders__revenue,
  orders__of_region
FROM merged
ORDER BY
  orders__revenue DESC NULLS LAST,
  customers__region ASC,
  items__product ASC
LIMIT 10000

-- check
WITH placed AS (SELECT DISTINCT orders.id, amount, region, product FROM orders LEFT JOIN customers ON customers.id = customer_id
  LEFT JOIN items ON items.order_id = orders.id)
SELECT region, product, SUM(amount) AS revenue,
  (SELECT SUM(amount) FROM orders LEFT JOIN customers ON customers.id = customer_id WHERE customers.region IS NOT DISTINCT FROM placed.region)
FROM placed GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
