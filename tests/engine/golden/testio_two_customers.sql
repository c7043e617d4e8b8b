/*
about: >-
  A list among the security values is any of them.
model: testio
query: {"metrics": ["test_count"], "filters": {"test_status": "archived"}}
security: {"customer_id": [1, 2]}
*/

-- sqlite {"p0": "archived", "p1": 1, "p2": 2}
SELECT
  COUNT(*) AS test_count
FROM tests
WHERE
  tests.customer_id IN (:p1, :p2) AND tests.status = :p0

-- check
SELECT COUNT(*) FROM tests WHERE status = 'archived'
