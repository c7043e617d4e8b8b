/*
about: >-
  A dimension of labels; an order whose customer does not exist has no label, not the one that is left over for the
  others.
model: shop
query: {"measures": ["orders.count"], "dimensions": ["customers.age_group"]}
*/

-- sqlite
SELECT
  CASE
    WHEN NOT customers.id IS NULL
    THEN CASE
      WHEN customers.age < 45
      THEN 'young'
      WHEN customers.age < 65
      THEN 'middle'
      ELSE 'old'
    END
  END AS customers__age_group,
  SUM(orders_by_key.orders__count) AS orders__count
FROM (
  SELECT
    orders.customer_id AS customer_id,
    COUNT(*) AS orders__count
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
ORDER BY
  orders__count DESC,
  customers__age_group ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  CASE
    WHEN NOT customers.id IS NULL
    THEN CASE
      WHEN customers.age < 45
      THEN 'young'
      WHEN customers.age < 65
      THEN 'middle'
      ELSE 'old'
    END
  END AS customers__age_group,
  SUM(orders_by_key.orders__count) AS orders__count
FROM (
  SELECT
    orders.customer_id AS customer_id,
    COUNT(*) AS orders__count
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
ORDER BY
  orders__count DESC,
  customers__age_group ASC
LIMIT 10000

-- postgres
SELECT
  CASE
    WHEN NOT customers.id IS NULL
    THEN CASE
      WHEN customers.age < 45
      THEN 'young'
      WHEN customers.age < 65
      THEN 'middle'
      ELSE 'old'
    END
  END COLLATE "C" AS customers__age_group,
  SUM(orders_by_key.orders__count) AS orders__count
FROM (
  SELECT
    orders.customer_id AS customer_id,
    COUNT(*) AS orders__count
  FROM orders
  GROUP BY
    1
) AS orders_by_key
LEFT JOIN customers
  ON orders_by_key.customer_id = customers.id
GROUP BY
  1
ORDER BY
  orders__count DESC NULLS LAST,
  customers__age_group ASC
LIMIT 10000

-- check
SELECT CASE WHEN age < 45 THEN 'young' WHEN age < 65 THEN 'middle' WHEN age >= 65 THEN 'old' END, COUNT(*)
FROM orders LEFT JOIN customers ON customers.id = customer_id
GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST
