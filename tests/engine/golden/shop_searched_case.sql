/*
about: >-
  A dimension of labels, two many-to-one steps away; nobody is no age, so the last label is theirs.
model: shop
query: {"measures": ["items.qty"], "dimensions": ["customers.age_group"]}
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
  SUM(items.qty) AS items__qty
FROM items
LEFT JOIN orders
  ON items.order_id = orders.id
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  items__qty DESC,
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
  SUM(items.qty) AS items__qty
FROM items
LEFT JOIN orders
  ON items.order_id = orders.id
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  items__qty DESC,
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
  END AS customers__age_group,
  SUM(items.qty) AS items__qty
FROM items
LEFT JOIN orders
  ON items.order_id = orders.id
LEFT JOIN customers
  ON orders.customer_id = customers.id
GROUP BY
  1
ORDER BY
  items__qty DESC NULLS LAST,
  customers__age_group COLLATE "C" ASC
LIMIT 10000

-- check
SELECT CASE WHEN age < 45 THEN 'young' WHEN age < 65 THEN 'middle' ELSE 'old' END, SUM(qty)
FROM items LEFT JOIN orders ON orders.id = order_id LEFT JOIN customers ON customers.id = customer_id
GROUP BY 1 ORDER BY 2 DESC
