/*
about: >-
  Executed tests are counted unless a filter names the status of tests: then the filter says which (rule 16).
model: testio
query: {"metrics": ["test_count"], "dimensions": ["test_status"], "filters": [{"member": "test_status", "operator": "notEquals", "values": ["running"]}]}
*/

-- sqlite {"p0": "running", "p1": 1}
SELECT
  tests.status AS test_status,
  COUNT(*) AS test_count
FROM tests
WHERE
  tests.customer_id = :p1 AND (
    tests.status <> :p0 OR tests.status IS NULL
  )
GROUP BY
  1
ORDER BY
  test_count DESC,
  test_status ASC NULLS LAST
LIMIT 1000

-- duckdb {"p0": "running", "p1": 1}
SELECT
  tests.status AS test_status,
  COUNT(*) AS test_count
FROM tests
WHERE
  tests.customer_id = $p1 AND (
    tests.status <> $p0 OR tests.status IS NULL
  )
GROUP BY
  1
ORDER BY
  test_count DESC,
  test_status ASC
LIMIT 1000

-- postgres {"p0": "running", "p1": 1}
SELECT
  tests.status COLLATE "C" AS test_status,
  COUNT(*) AS test_count
FROM tests
WHERE
  tests.customer_id = %(p1)s
  AND (
    tests.status <> %(p0)s OR tests.status IS NULL
  )
GROUP BY
  1
ORDER BY
  test_count DESC NULLS LAST,
  test_status ASC
LIMIT 1000

-- check
SELECT status, COUNT(*) FROM tests WHERE customer_id = 1 AND status <> 'running' GROUP BY 1 ORDER BY 2 DESC, 1
