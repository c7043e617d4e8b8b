/*
about: >-
  An approximate count, exact where the database has no approximation, and an average of another cube.
model: shop
query: {"measures": ["customers.regions", "customers.average_age", "customers.regions_about"]}
*/

-- sqlite
SELECT
  COUNT(DISTINCT customers.region) AS customers__regions,
  AVG(customers.age) AS customers__average_age,
  COUNT(DISTINCT customers.region) AS customers__regions_about
FROM customers

-- duckdb
SELECT
  COUNT(DISTINCT customers.region) AS customers__regions,
  AVG(customers.age) AS customers__average_age,
  APPROX_COUNT_DISTINCT(customers.region) AS customers__regions_about
FROM customers

-- check
SELECT COUNT(DISTINCT region), AVG(age), COUNT(DISTINCT region) FROM customers
