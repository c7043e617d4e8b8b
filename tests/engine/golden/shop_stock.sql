/*
about: >-
  A stock is that of the last day that its group has rows of, never a sum over days; all of a total has one last day.
model: shop
query: {"measures": ["stock.on_hand", "stock.at_first", "stock.most"], "dimensions": ["stock.product"], "order": {"stock.product": "asc"}}
*/

-- sqlite
WITH stock_facts AS (
  SELECT
    stock_dated.stock__product AS stock__product,
    MAX(
      CASE
        WHEN stock_dated.at_time = stock_dated.chosen_time
        THEN stock_dated.stock__on_hand
      END
    ) AS stock__on_hand
  FROM (
    SELECT
      stock_once.stock__product,
      stock_once.at_time,
      SUM(stock_once.on_hand) AS stock__on_hand,
      MAX(stock_once.at_time) OVER (PARTITION BY stock_once.stock__product) AS chosen_time
    FROM (
      SELECT
        stock.product AS stock__product,
        DATE(stock.day) AS at_time,
        stock.quantity AS on_hand
      FROM stock
    ) AS stock_once
    GROUP BY
      1,
      2
  ) AS stock_dated
  GROUP BY
    1
), stock_facts_ AS (
  SELECT
    stock__dated.stock__product AS stock__product,
    MAX(
      CASE
        WHEN stock__dated.at_time = stock__dated.chosen_time
        THEN stock__dated.stock__at_first
      END
    ) AS stock__at_first
  FROM (
    SELECT
      stock__once.stock__product,
      stock__once.at_time,
      SUM(stock__once.at_first) AS stock__at_first,
      MIN(stock__once.at_time) OVER (PARTITION BY stock__once.stock__product) AS chosen_time
    FROM (
      SELECT
        stock.product AS stock__product,
        DATE(stock.day) AS at_time,
        stock.quantity AS at_first
      FROM stock
    ) AS stock__once
    GROUP BY
      1,
      2
  ) AS stock__dated
  GROUP BY
    1
), stock_facts__ AS (
  SELECT
    stock___dated.stock__product AS stock__product,
    MAX(CASE WHEN NOT stock___dated.at_time IS NULL THEN stock___dated.stock__most END) AS stock__most
  FROM (
    SELECT
      stock___once.stock__product,
      stock___once.at_time,
      SUM(stock___once.most) AS stock__most
    FROM (
      SELECT
        stock.product AS stock__product,
        DATE(stock.day) AS at_time,
        stock.quantity AS most
      FROM stock
    ) AS stock___once
    GROUP BY
      1,
      2
  ) AS stock___dated
  GROUP BY
    1
), merged AS (
  SELECT
    stock__product,
    MAX(stock__on_hand) AS stock__on_hand,
    MAX(stock__at_first) AS stock__at_first,
    MAX(stock__most) AS stock__most
  FROM (
    SELECT
      stock__product,
      stock__on_hand,
      NULL AS stock__at_first,
      NULL AS stock__most
    FROM stock_facts
    UNION ALL
    SELECT
      stock__product,
      NULL AS stock__on_hand,
      stock__at_first,
      NULL AS stock__most
    FROM stock_facts_
    UNION ALL
    SELECT
      stock__product,
      NULL AS stock__on_hand,
      NULL AS stock__at_first,
      stock__most
    FROM stock_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  stock__product,
  stock__on_hand,
  stock__at_first,
  stock__most
FROM merged
ORDER BY
  stock__product ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH stock_facts AS (
  SELECT
    stock_dated.stock__product AS stock__product,
    MAX(
      CASE
        WHEN stock_dated.at_time = stock_dated.chosen_time
        THEN stock_dated.stock__on_hand
      END
    ) AS stock__on_hand
  FROM (
    SELECT
      stock_once.stock__product,
      stock_once.at_time,
      SUM(stock_once.on_hand) AS stock__on_hand,
      MAX(stock_once.at_time) OVER (PARTITION BY stock_once.stock__product) AS chosen_time
    FROM (
      SELECT
        stock.product AS stock__product,
        CAST(stock.day AS DATE) AS at_time,
        stock.quantity AS on_hand
      FROM stock
    ) AS stock_once
    GROUP BY
      1,
      2
  ) AS stock_dated
  GROUP BY
    1
), stock_facts_ AS (
  SELECT
    stock__dated.stock__product AS stock__product,
    MAX(
      CASE
        WHEN stock__dated.at_time = stock__dated.chosen_time
        THEN stock__dated.stock__at_first
      END
    ) AS stock__at_first
  FROM (
    SELECT
      stock__once.stock__product,
      stock__once.at_time,
      SUM(stock__once.at_first) AS stock__at_first,
      MIN(stock__once.at_time) OVER (PARTITION BY stock__once.stock__product) AS chosen_time
    FROM (
      SELECT
        stock.product AS stock__product,
        CAST(stock.day AS DATE) AS at_time,
        stock.quantity AS at_first
      FROM stock
    ) AS stock__once
    GROUP BY
      1,
      2
  ) AS stock__dated
  GROUP BY
    1
), stock_facts__ AS (
  SELECT
    stock___dated.stock__product AS stock__product,
    MAX(CASE WHEN NOT stock___dated.at_time IS NULL THEN stock___dated.stock__most END) AS stock__most
  FROM (
    SELECT
      stock___once.stock__product,
      stock___once.at_time,
      SUM(stock___once.most) AS stock__most
    FROM (
      SELECT
        stock.product AS stock__product,
        CAST(stock.day AS DATE) AS at_time,
        stock.quantity AS most
      FROM stock
    ) AS stock___once
    GROUP BY
      1,
      2
  ) AS stock___dated
  GROUP BY
    1
), merged AS (
  SELECT
    stock__product,
    MAX(stock__on_hand) AS stock__on_hand,
    MAX(stock__at_first) AS stock__at_first,
    MAX(stock__most) AS stock__most
  FROM (
    SELECT
      stock__product,
      stock__on_hand,
      NULL AS stock__at_first,
      NULL AS stock__most
    FROM stock_facts
    UNION ALL
    SELECT
      stock__product,
      NULL AS stock__on_hand,
      stock__at_first,
      NULL AS stock__most
    FROM stock_facts_
    UNION ALL
    SELECT
      stock__product,
      NULL AS stock__on_hand,
      NULL AS stock__at_first,
      stock__most
    FROM stock_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  stock__product,
  stock__on_hand,
  stock__at_first,
  stock__most
FROM merged
ORDER BY
  stock__product ASC
LIMIT 10000

-- postgres
WITH stock_facts AS (
  SELECT
    stock_dated.stock__product AS stock__product,
    CAST(MAX(
      CASE
        WHEN stock_dated.at_time = stock_dated.chosen_time
        THEN stock_dated.stock__on_hand
      END
    ) AS DOUBLE PRECISION) AS stock__on_hand
  FROM (
    SELECT
      stock_once.stock__product,
      stock_once.at_time,
      SUM(stock_once.on_hand) AS stock__on_hand,
      MAX(stock_once.at_time) OVER (PARTITION BY stock_once.stock__product) AS chosen_time
    FROM (
      SELECT
        stock.product COLLATE "C" AS stock__product,
        CAST(stock.day AS DATE) AS at_time,
        stock.quantity AS on_hand
      FROM stock
    ) AS stock_once
    GROUP BY
      1,
      2
  ) AS stock_dated
  GROUP BY
    1
), stock_facts_ AS (
  SELECT
    stock__dated.stock__product AS stock__product,
    CAST(MAX(
      CASE
        WHEN stock__dated.at_time = stock__dated.chosen_time
        THEN stock__dated.stock__at_first
      END
    ) AS DOUBLE PRECISION) AS stock__at_first
  FROM (
    SELECT
      stock__once.stock__product,
      stock__once.at_time,
      SUM(stock__once.at_first) AS stock__at_first,
      MIN(stock__once.at_time) OVER (PARTITION BY stock__once.stock__product) AS chosen_time
    FROM (
      SELECT
        stock.product COLLATE "C" AS stock__product,
        CAST(stock.day AS DATE) AS at_time,
        stock.quantity AS at_first
      FROM stock
    ) AS stock__once
    GROUP BY
      1,
      2
  ) AS stock__dated
  GROUP BY
    1
), stock_facts__ AS (
  SELECT
    stock___dated.stock__product AS stock__product,
    CAST(MAX(CASE WHEN NOT stock___dated.at_time IS NULL THEN stock___dated.stock__most END) AS DOUBLE PRECISION) AS stock__most
  FROM (
    SELECT
      stock___once.stock__product,
      stock___once.at_time,
      SUM(stock___once.most) AS stock__most
    FROM (
      SELECT
        stock.product COLLATE "C" AS stock__product,
        CAST(stock.day AS DATE) AS at_time,
        stock.quantity AS most
      FROM stock
    ) AS stock___once
    GROUP BY
      1,
      2
  ) AS stock___dated
  GROUP BY
    1
), merged AS (
  SELECT
    stock__product,
    MAX(stock__on_hand) AS stock__on_hand,
    MAX(stock__at_first) AS stock__at_first,
    MAX(stock__most) AS stock__most
  FROM (
    SELECT
      stock__product,
      stock__on_hand,
      CAST(NULL AS DOUBLE PRECISION) AS stock__at_first,
      CAST(NULL AS DOUBLE PRECISION) AS stock__most
    FROM stock_facts
    UNION ALL
    SELECT
      stock__product,
      CAST(NULL AS DOUBLE PRECISION) AS stock__on_hand,
      stock__at_first,
      CAST(NULL AS DOUBLE PRECISION) AS stock__most
    FROM stock_facts_
    UNION ALL
    SELECT
      stock__product,
      CAST(NULL AS DOUBLE PRECISION) AS stock__on_hand,
      CAST(NULL AS DOUBLE PRECISION) AS stock__at_first,
      stock__most
    FROM stock_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  stock__product,
  stock__on_hand,
  stock__at_first,
  stock__most
FROM merged
ORDER BY
  stock__product ASC
LIMIT 10000

-- check
SELECT 'A' AS product, 5 AS on_hand, 4 AS at_first, 7 AS most UNION ALL SELECT 'B', 9, 9, 9 UNION ALL SELECT 'C', NULL, NULL, NULL
