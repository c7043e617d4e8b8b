/*
about: >-
  Texts are searched without regard to case, and what stands for any letter in SQL stands for itself here.
model: shop
query: {"measures": ["items.lines"], "dimensions": ["items.product"], "filters": [{"member": "items.product", "operator": "notContains", "values": ["%", "b"]}, {"member": "orders.status", "operator": "startsWith", "values": ["COMP", "Pend"]}]}
*/

-- sqlite {"p0": "%!%%", "p1": "*", "p2": "%b%", "p3": "*", "p4": "COMP%", "p5": "*", "p6": "Pend%", "p7": "*"}
SELECT
  items.product AS items__product,
  COUNT(*) AS items__lines
FROM items
INNER JOIN orders
  ON items.order_id = orders.id
WHERE
  (
    NOT (
      items.product LIKE :p0 ESCAPE '!' AND items.product GLOB :p1
    )
    OR items.product IS NULL
  )
  AND (
    NOT (
      items.product LIKE :p2 ESCAPE '!' AND items.product GLOB :p3
    )
    OR items.product IS NULL
  )
  AND (
    (
      orders.status LIKE :p4 ESCAPE '!' AND orders.status GLOB :p5
    )
    OR (
      orders.status LIKE :p6 ESCAPE '!' AND orders.status GLOB :p7
    )
  )
GROUP BY
  1
ORDER BY
  items__lines DESC,
  items__product ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "%!%%", "p1": "%b%", "p2": "COMP%", "p3": "Pend%"}
SELECT
  items.product AS items__product,
  COUNT(*) AS items__lines
FROM items
INNER JOIN orders
  ON items.order_id = orders.id
WHERE
  (
    NOT (
      items.product ILIKE $p0 ESCAPE '!'
    ) OR items.product IS NULL
  )
  AND (
    NOT (
      items.product ILIKE $p1 ESCAPE '!'
    ) OR items.product IS NULL
  )
  AND (
    orders.status ILIKE $p2 ESCAPE '!' OR orders.status ILIKE $p3 ESCAPE '!'
  )
GROUP BY
  1
ORDER BY
  items__lines DESC,
  items__product ASC
LIMIT 10000

-- postgres {"p0": "%!%%", "p1": "%b%", "p2": "COMP%", "p3": "Pend%"}
SELECT
  items.product COLLATE "C" AS items__product,
  COUNT(*) AS items__lines
FROM items
INNER JOIN orders
  ON items.order_id = orders.id
WHERE
  (
    NOT (
      items.product ILIKE %(p0)s ESCAPE '!'
    ) OR items.product IS NULL
  )
  AND (
    NOT (
      items.product ILIKE %(p1)s ESCAPE '!'
    ) OR items.product IS NULL
  )
  AND (
    orders.status ILIKE %(p2)s ESCAPE '!' OR orders.status ILIKE %(p3)s ESCAPE '!'
  )
GROUP BY
  1
ORDER BY
  items__lines DESC NULLS LAST,
  items__product ASC
LIMIT 10000

-- check
SELECT product, COUNT(*) FROM items WHERE product IS NULL OR product NOT IN ('B') GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST
