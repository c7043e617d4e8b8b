/*
about: >-
  An order as asked, ties broken by the dimensions, nulls last in both directions, a page of the result (rule 13).
model: shop
query: {"measures": ["customers.count"], "dimensions": ["customers.region"], "order": [["customers.count", "asc"], ["customers.region", "desc"]], "limit": 3, "offset": 1}
*/

-- sqlite
SELECT
  customers.region AS customers__region,
  COUNT(*) AS customers__count
FROM customers
GROUP BY
  1
ORDER BY
  customers__count ASC NULLS LAST,
  customers__region DESC
LIMIT 3
OFFSET 1

-- duckdb
SELECT
  customers.region AS customers__region,
  COUNT(*) AS customers__count
FROM customers
GROUP BY
  1
ORDER BY
  customers__count ASC,
  customers__region DESC
LIMIT 3
OFFSET 1

-- postgres
SELECT
  customers.region COLLATE "C" AS customers__region,
  COUNT(*) AS customers__count
FROM customers
GROUP BY
  1
ORDER BY
  customers__count ASC,
  customers__region DESC NULLS LAST
LIMIT 3
OFFSET 1

-- check
SELECT region, COUNT(*) FROM customers GROUP BY 1 ORDER BY 2, 1 DESC NULLS LAST LIMIT 3 OFFSET 1
