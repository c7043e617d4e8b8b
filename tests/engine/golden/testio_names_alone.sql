/*
about: >-
  A list of names: dimensions alone, each with its key; names of other customers are not among them.
model: testio
query: {"dimensions": ["tester"]}
*/

-- sqlite {"p0": 1}
SELECT
  testers.id AS tester_id,
  testers.username AS tester
FROM (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_tester
) AS testers
WHERE
  testers.customer_id = :p0
GROUP BY
  1,
  2
ORDER BY
  tester ASC NULLS LAST,
  tester_id ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": 1}
SELECT
  testers.id AS tester_id,
  testers.username AS tester
FROM (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_tester
) AS testers
WHERE
  testers.customer_id = $p0
GROUP BY
  1,
  2
ORDER BY
  tester ASC,
  tester_id ASC
LIMIT 1000

-- postgres {"p0": 1}
SELECT
  testers.id AS tester_id,
  testers.username COLLATE "C" AS tester
FROM (
  SELECT
    id,
    customer_id,
    username
  FROM users
  WHERE
    is_tester
) AS testers
WHERE
  testers.customer_id = %(p0)s
GROUP BY
  1,
  2
ORDER BY
  tester ASC,
  tester_id ASC
LIMIT 1000

-- check
SELECT id, username FROM users WHERE customer_id = 1 AND is_tester ORDER BY 2
