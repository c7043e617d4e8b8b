/*
about: >-
  A negative filter on a one-to-many dimension asks for a partner that is not so; who has no partner has none that is
  (rule 3).
model: shop
query: {"measures": ["customers.count", "customers.average_age"], "filters": [{"member": "orders.status", "operator": "notEquals", "values": ["completed"]}]}
*/

-- sqlite {"p0": "completed"}
SELECT
  COUNT(*) AS customers__count,
  AVG(customers_once.average_age) AS customers__average_age
FROM (
  SELECT DISTINCT
    customers.id AS key__id,
    customers.age AS average_age
  FROM customers
  LEFT JOIN orders
    ON orders.customer_id = customers.id
  WHERE
    (
      orders.status <> :p0 OR orders.status IS NULL
    )
) AS customers_once

-- check
SELECT COUNT(*), AVG(age) FROM customers
WHERE id IN (SELECT customer_id FROM orders WHERE status <> 'completed') OR id NOT IN (SELECT customer_id FROM orders)
