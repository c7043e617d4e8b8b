/*
about: >-
  A negative filter keeps rows without a value; null has to be excluded by name.
model: shop
query: {"measures": ["customers.count"], "dimensions": ["customers.region"], "filters": [{"member": "customers.region", "operator": "notEquals", "values": ["EAST"]}]}
*/

-- sqlite {"p0": "EAST"}
SELECT
  customers.region AS customers__region,
  COUNT(*) AS customers__count
FROM customers
WHERE
  (
    customers.region <> :p0 OR customers.region IS NULL
  )
GROUP BY
  1
ORDER BY
  customers__count DESC,
  customers__region ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "EAST"}
SELECT
  customers.region AS customers__region,
  COUNT(*) AS customers__count
FROM customers
WHERE
  (
    customers.region <> $p0 OR customers.region IS NULL
  )
GROUP BY
  1
ORDER BY
  customers__count DESC,
  customers__region ASC
LIMIT 10000

-- postgres {"p0": "EAST"}
SELECT
  customers.region COLLATE "C" AS customers__region,
  COUNT(*) AS customers__count
FROM customers
WHERE
  (
    customers.region <> %(p0)s OR customers.region IS NULL
  )
GROUP BY
  1
ORDER BY
  customers__count DESC NULLS LAST,
  customers__region ASC
LIMIT 10000

-- check
SELECT region, COUNT(*) FROM customers WHERE region <> 'EAST' OR region IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST
