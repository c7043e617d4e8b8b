/*
about: >-
  Revenue whatever the status, beside that of one; the rows stay those that the query asks for. A filter that a measure adds
  changes its value, never the rows.
model: shop
query: {"measures": ["orders.revenue", "orders.of_any_status", "orders.in_the_east"], "dimensions": ["customers.region"],
  "filters": [{"member": "orders.status", "operator": "equals", "values": ["pending"]}]}
*/

-- sqlite {"p0": "pending", "p1": "EAST"}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    WHERE
      orders.status = :p0
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), orders_facts_ AS (
  SELECT
    spread.customers__region,
    spread.orders__of_any_status
  FROM (
    SELECT
      spread.customers__region,
      MAX(spread.orders__of_any_status) OVER (PARTITION BY spread.customers__region) AS orders__of_any_status,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        NULL AS orders__of_any_status,
        1 AS is_shown
      FROM (
        SELECT
          customers.region AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        WHERE
          orders.status = :p0
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        stage.orders__of_any_status,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__of_any_status
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
), orders_facts__ AS (
  SELECT
    spread.customers__region,
    spread.orders__in_the_east
  FROM (
    SELECT
      spread.customers__region,
      MAX(spread.orders__in_the_east) OVER (PARTITION BY spread.customers__region) AS orders__in_the_east,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        NULL AS orders__in_the_east,
        1 AS is_shown
      FROM (
        SELECT
          customers.region AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        WHERE
          orders.status = :p0
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        stage.orders__in_the_east,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__in_the_east
        FROM (
          SELECT
            customers.region AS customers__region,
            SUM(orders.amount) AS orders__revenue
          FROM orders
          INNER JOIN customers
            ON orders.customer_id = customers.id
          WHERE
            orders.status = :p0 AND customers.region = :p1
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
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_any_status) AS orders__of_any_status,
    MAX(orders__in_the_east) AS orders__in_the_east
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      NULL AS orders__of_any_status,
      NULL AS orders__in_the_east
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      orders__of_any_status,
      NULL AS orders__in_the_east
    FROM orders_facts_
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      NULL AS orders__of_any_status,
      orders__in_the_east
    FROM orders_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__revenue,
  orders__of_any_status,
  orders__in_the_east
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "pending", "p1": "EAST"}
WITH orders_facts AS (
  SELECT
    customers.region AS customers__region,
    SUM(orders_by_key.orders__revenue) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    WHERE
      orders.status = $p0
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), orders_facts_ AS (
  SELECT
    spread.customers__region,
    spread.orders__of_any_status
  FROM (
    SELECT
      spread.customers__region,
      MAX(spread.orders__of_any_status) OVER (PARTITION BY spread.customers__region) AS orders__of_any_status,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        NULL AS orders__of_any_status,
        1 AS is_shown
      FROM (
        SELECT
          customers.region AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        WHERE
          orders.status = $p0
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        stage.orders__of_any_status,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__of_any_status
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
), orders_facts__ AS (
  SELECT
    spread.customers__region,
    spread.orders__in_the_east
  FROM (
    SELECT
      spread.customers__region,
      MAX(spread.orders__in_the_east) OVER (PARTITION BY spread.customers__region) AS orders__in_the_east,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        NULL AS orders__in_the_east,
        1 AS is_shown
      FROM (
        SELECT
          customers.region AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        WHERE
          orders.status = $p0
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        stage.orders__in_the_east,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__in_the_east
        FROM (
          SELECT
            customers.region AS customers__region,
            SUM(orders.amount) AS orders__revenue
          FROM orders
          INNER JOIN customers
            ON orders.customer_id = customers.id
          WHERE
            orders.status = $p0 AND customers.region = $p1
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
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_any_status) AS orders__of_any_status,
    MAX(orders__in_the_east) AS orders__in_the_east
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      NULL AS orders__of_any_status,
      NULL AS orders__in_the_east
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      orders__of_any_status,
      NULL AS orders__in_the_east
    FROM orders_facts_
    UNION ALL
    SELECT
      customers__region,
      NULL AS orders__revenue,
      NULL AS orders__of_any_status,
      orders__in_the_east
    FROM orders_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__revenue,
  orders__of_any_status,
  orders__in_the_east
FROM merged
ORDER BY
  orders__revenue DESC,
  customers__region ASC
LIMIT 10000

-- postgres {"p0": "pending", "p1": "EAST"}
WITH orders_facts AS (
  SELECT
    customers.region COLLATE "C" AS customers__region,
    CAST(SUM(orders_by_key.orders__revenue) AS DOUBLE PRECISION) AS orders__revenue
  FROM (
    SELECT
      orders.customer_id AS customer_id,
      SUM(orders.amount) AS orders__revenue
    FROM orders
    WHERE
      orders.status = %(p0)s
    GROUP BY
      1
  ) AS orders_by_key
  LEFT JOIN customers
    ON orders_by_key.customer_id = customers.id
  GROUP BY
    1
), orders_facts_ AS (
  SELECT
    spread.customers__region,
    spread.orders__of_any_status
  FROM (
    SELECT
      spread.customers__region,
      MAX(spread.orders__of_any_status) OVER (PARTITION BY spread.customers__region) AS orders__of_any_status,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        CAST(NULL AS DOUBLE PRECISION) AS orders__of_any_status,
        1 AS is_shown
      FROM (
        SELECT
          customers.region COLLATE "C" AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        WHERE
          orders.status = %(p0)s
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        stage.orders__of_any_status,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__of_any_status
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
), orders_facts__ AS (
  SELECT
    spread.customers__region,
    spread.orders__in_the_east
  FROM (
    SELECT
      spread.customers__region,
      MAX(spread.orders__in_the_east) OVER (PARTITION BY spread.customers__region) AS orders__in_the_east,
      spread.is_shown
    FROM (
      SELECT
        stage.customers__region,
        CAST(NULL AS DOUBLE PRECISION) AS orders__in_the_east,
        1 AS is_shown
      FROM (
        SELECT
          customers.region COLLATE "C" AS customers__region
        FROM orders
        LEFT JOIN customers
          ON orders.customer_id = customers.id
        WHERE
          orders.status = %(p0)s
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        stage.customers__region,
        stage.orders__in_the_east,
        0 AS is_shown
      FROM (
        SELECT
          stage.customers__region,
          stage.orders__revenue AS orders__in_the_east
        FROM (
          SELECT
            customers.region COLLATE "C" AS customers__region,
            SUM(orders.amount) AS orders__revenue
          FROM orders
          INNER JOIN customers
            ON orders.customer_id = customers.id
          WHERE
            orders.status = %(p0)s AND customers.region = %(p1)s
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
    MAX(orders__revenue) AS orders__revenue,
    MAX(orders__of_any_status) AS orders__of_any_status,
    MAX(orders__in_the_east) AS orders__in_the_east
  FROM (
    SELECT
      customers__region,
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS orders__of_any_status,
      CAST(NULL AS DOUBLE PRECISION) AS orders__in_the_east
    FROM orders_facts
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      orders__of_any_status,
      CAST(NULL AS DOUBLE PRECISION) AS orders__in_the_east
    FROM orders_facts_
    UNION ALL
    SELECT
      customers__region,
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS orders__of_any_status,
      orders__in_the_east
    FROM orders_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  customers__region,
  orders__revenue,
  orders__of_any_status,
  orders__in_the_east
FROM merged
ORDER BY
  orders__revenue DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
SELECT region, SUM(amount), (SELECT SUM(amount) FROM orders JOIN customers AS others ON others.id = customer_id WHERE others.region = customers.region),
  (SELECT SUM(amount) FROM orders JOIN customers AS others ON others.id = customer_id WHERE others.region = 'EAST' AND others.region = customers.region AND status = 'pending')
FROM orders LEFT JOIN customers ON customers.id = customer_id WHERE status = 'pending' GROUP BY 1
