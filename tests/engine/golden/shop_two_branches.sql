/*
about: >-
  Two one-to-many branches at once: a customer belongs to every combination of a status and a month of return, once.
model: shop
query: {"measures": ["customers.count"], "dimensions": ["orders.status", "returns.created_at.month"]}
*/

-- sqlite
SELECT
  orders.status AS orders__status,
  STRFTIME('%Y-%m-01', returns.created_at) AS returns__created_at__month,
  COUNT(DISTINCT customers.id) AS customers__count
FROM customers
LEFT JOIN orders
  ON orders.customer_id = customers.id
LEFT JOIN returns
  ON returns.customer_id = customers.id
GROUP BY
  1,
  2
ORDER BY
  returns__created_at__month ASC NULLS LAST,
  orders__status ASC NULLS LAST
LIMIT 10000

-- duckdb
SELECT
  orders.status AS orders__status,
  CAST(DATE_TRUNC('MONTH', returns.created_at) AS DATE) AS returns__created_at__month,
  COUNT(DISTINCT customers.id) AS customers__count
FROM customers
LEFT JOIN orders
  ON orders.customer_id = customers.id
LEFT JOIN returns
  ON returns.customer_id = customers.id
GROUP BY
  1,
  2
ORDER BY
  returns__created_at__month ASC,
  orders__status ASC
LIMIT 10000

-- postgres
SELECT
  orders.status COLLATE "C" AS orders__status,
  CAST(DATE_TRUNC('MONTH', returns.created_at) AS DATE) AS returns__created_at__month,
  COUNT(DISTINCT customers.id) AS customers__count
FROM customers
LEFT JOIN orders
  ON orders.customer_id = customers.id
LEFT JOIN returns
  ON returns.customer_id = customers.id
GROUP BY
  1,
  2
ORDER BY
  returns__created_at__month ASC,
  orders__status ASC
LIMIT 10000

-- check
SELECT status, month, COUNT(*) FROM (
  SELECT DISTINCT customers.id, status, SUBSTR(CAST(returns.created_at AS VARCHAR), 1, 7) || '-01' AS month
  FROM customers LEFT JOIN orders ON orders.customer_id = customers.id LEFT JOIN returns ON returns.customer_id = customers.id
) AS t GROUP BY 1, 2 ORDER BY 2 NULLS LAST, 1 NULLS LAST
