/*
about: >-
  Without dimensions there is one row, whatever is asked together (rule 10).
model: shop
query: {"measures": ["orders.revenue", "items.qty", "returns.amount", "customers.count"]}
*/

-- sqlite
WITH orders_facts AS (
  SELECT
    SUM(orders.amount) AS orders__revenue
  FROM orders
), items_facts AS (
  SELECT
    SUM(items.qty) AS items__qty
  FROM items
), returns_facts AS (
  SELECT
    SUM(returns.amount) AS returns__amount
  FROM returns
), customers_facts AS (
  SELECT
    COUNT(*) AS customers__count
  FROM customers
), merged AS (
  SELECT
    MAX(orders__revenue) AS orders__revenue,
    MAX(items__qty) AS items__qty,
    MAX(returns__amount) AS returns__amount,
    COALESCE(MAX(customers__count), 0) AS customers__count
  FROM (
    SELECT
      orders__revenue,
      NULL AS items__qty,
      NULL AS returns__amount,
      NULL AS customers__count
    FROM orders_facts
    UNION ALL
    SELECT
      NULL AS orders__revenue,
      items__qty,
      NULL AS returns__amount,
      NULL AS customers__count
    FROM items_facts
    UNION ALL
    SELECT
      NULL AS orders__revenue,
      NULL AS items__qty,
      returns__amount,
      NULL AS customers__count
    FROM returns_facts
    UNION ALL
    SELECT
      NULL AS orders__revenue,
      NULL AS items__qty,
      NULL AS returns__amount,
      customers__count
    FROM customers_facts
  ) AS facts
)
SELECT
  orders__revenue,
  items__qty,
  returns__amount,
  customers__count
FROM merged

-- postgres
WITH orders_facts AS (
  SELECT
    CAST(SUM(orders.amount) AS DOUBLE PRECISION) AS orders__revenue
  FROM orders
), items_facts AS (
  SELECT
    CAST(SUM(items.qty) AS DOUBLE PRECISION) AS items__qty
  FROM items
), returns_facts AS (
  SELECT
    CAST(SUM(returns.amount) AS DOUBLE PRECISION) AS returns__amount
  FROM returns
), customers_facts AS (
  SELECT
    CAST(COUNT(*) AS BIGINT) AS customers__count
  FROM customers
), merged AS (
  SELECT
    MAX(orders__revenue) AS orders__revenue,
    MAX(items__qty) AS items__qty,
    MAX(returns__amount) AS returns__amount,
    COALESCE(MAX(customers__count), 0) AS customers__count
  FROM (
    SELECT
      orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS items__qty,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount,
      CAST(NULL AS BIGINT) AS customers__count
    FROM orders_facts
    UNION ALL
    SELECT
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      items__qty,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount,
      CAST(NULL AS BIGINT) AS customers__count
    FROM items_facts
    UNION ALL
    SELECT
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS items__qty,
      returns__amount,
      CAST(NULL AS BIGINT) AS customers__count
    FROM returns_facts
    UNION ALL
    SELECT
      CAST(NULL AS DOUBLE PRECISION) AS orders__revenue,
      CAST(NULL AS DOUBLE PRECISION) AS items__qty,
      CAST(NULL AS DOUBLE PRECISION) AS returns__amount,
      customers__count
    FROM customers_facts
  ) AS facts
)
SELECT
  orders__revenue,
  items__qty,
  returns__amount,
  customers__count
FROM merged

-- check
SELECT (SELECT SUM(amount) FROM orders), (SELECT SUM(qty) FROM items), (SELECT SUM(amount) FROM returns), (SELECT COUNT(*) FROM customers)
