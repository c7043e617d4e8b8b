/*
about: >-
  A stock by month is that of the last day of each month that has rows; on that day, products are summed.
model: shop
query: {"measures": ["stock.on_hand", "stock.at_first", "stock.most"], "timeDimensions": [{"dimension": "stock.day", "granularity": "month"}]}
*/

-- sqlite
WITH stock_facts AS (
  SELECT
    stock_dated.stock__day__month AS stock__day__month,
    MAX(
      CASE
        WHEN stock_dated.at_time = stock_dated.chosen_time
        THEN stock_dated.stock__on_hand
      END
    ) AS stock__on_hand
  FROM (
    SELECT
      stock_once.stock__day__month,
      stock_once.at_time,
      SUM(stock_once.on_hand) AS stock__on_hand,
      MAX(stock_once.at_time) OVER (PARTITION BY stock_once.stock__day__month) AS chosen_time
    FROM (
      SELECT
        STRFTIME('%Y-%m-01', DATE(stock.day)) AS stock__day__month,
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
    stock__dated.stock__day__month AS stock__day__month,
    MAX(
      CASE
        WHEN stock__dated.at_time = stock__dated.chosen_time
        THEN stock__dated.stock__at_first
      END
    ) AS stock__at_first
  FROM (
    SELECT
      stock__once.stock__day__month,
      stock__once.at_time,
      SUM(stock__once.at_first) AS stock__at_first,
      MIN(stock__once.at_time) OVER (PARTITION BY stock__once.stock__day__month) AS chosen_time
    FROM (
      SELECT
        STRFTIME('%Y-%m-01', DATE(stock.day)) AS stock__day__month,
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
    stock___dated.stock__day__month AS stock__day__month,
    MAX(CASE WHEN NOT stock___dated.at_time IS NULL THEN stock___dated.stock__most END) AS stock__most
  FROM (
    SELECT
      stock___once.stock__day__month,
      stock___once.at_time,
      SUM(stock___once.most) AS stock__most
    FROM (
      SELECT
        STRFTIME('%Y-%m-01', DATE(stock.day)) AS stock__day__month,
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
    stock__day__month,
    MAX(stock__on_hand) AS stock__on_hand,
    MAX(stock__at_first) AS stock__at_first,
    MAX(stock__most) AS stock__most
  FROM (
    SELECT
      stock__day__month,
      stock__on_hand,
      NULL AS stock__at_first,
      NULL AS stock__most
    FROM stock_facts
    UNION ALL
    SELECT
      stock__day__month,
      NULL AS stock__on_hand,
      stock__at_first,
      NULL AS stock__most
    FROM stock_facts_
    UNION ALL
    SELECT
      stock__day__month,
      NULL AS stock__on_hand,
      NULL AS stock__at_first,
      stock__most
    FROM stock_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  stock__day__month,
  stock__on_hand,
  stock__at_first,
  stock__most
FROM merged
ORDER BY
  stock__day__month ASC NULLS LAST
LIMIT 10000

-- duckdb
WITH stock_facts AS (
  SELECT
    stock_dated.stock__day__month AS stock__day__month,
    MAX(
      CASE
        WHEN stock_dated.at_time = stock_dated.chosen_time
        THEN stock_dated.stock__on_hand
      END
    ) AS stock__on_hand
  FROM (
    SELECT
      stock_once.stock__day__month,
      stock_once.at_time,
      SUM(stock_once.on_hand) AS stock__on_hand,
      MAX(stock_once.at_time) OVER (PARTITION BY stock_once.stock__day__month) AS chosen_time
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(stock.day AS DATE)) AS DATE) AS stock__day__month,
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
    stock__dated.stock__day__month AS stock__day__month,
    MAX(
      CASE
        WHEN stock__dated.at_time = stock__dated.chosen_time
        THEN stock__dated.stock__at_first
      END
    ) AS stock__at_first
  FROM (
    SELECT
      stock__once.stock__day__month,
      stock__once.at_time,
      SUM(stock__once.at_first) AS stock__at_first,
      MIN(stock__once.at_time) OVER (PARTITION BY stock__once.stock__day__month) AS chosen_time
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(stock.day AS DATE)) AS DATE) AS stock__day__month,
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
    stock___dated.stock__day__month AS stock__day__month,
    MAX(CASE WHEN NOT stock___dated.at_time IS NULL THEN stock___dated.stock__most END) AS stock__most
  FROM (
    SELECT
      stock___once.stock__day__month,
      stock___once.at_time,
      SUM(stock___once.most) AS stock__most
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(stock.day AS DATE)) AS DATE) AS stock__day__month,
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
    stock__day__month,
    MAX(stock__on_hand) AS stock__on_hand,
    MAX(stock__at_first) AS stock__at_first,
    MAX(stock__most) AS stock__most
  FROM (
    SELECT
      stock__day__month,
      stock__on_hand,
      NULL AS stock__at_first,
      NULL AS stock__most
    FROM stock_facts
    UNION ALL
    SELECT
      stock__day__month,
      NULL AS stock__on_hand,
      stock__at_first,
      NULL AS stock__most
    FROM stock_facts_
    UNION ALL
    SELECT
      stock__day__month,
      NULL AS stock__on_hand,
      NULL AS stock__at_first,
      stock__most
    FROM stock_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  stock__day__month,
  stock__on_hand,
  stock__at_first,
  stock__most
FROM merged
ORDER BY
  stock__day__month ASC
LIMIT 10000

-- postgres
WITH stock_facts AS (
  SELECT
    stock_dated.stock__day__month AS stock__day__month,
    CAST(MAX(
      CASE
        WHEN stock_dated.at_time = stock_dated.chosen_time
        THEN stock_dated.stock__on_hand
      END
    ) AS DOUBLE PRECISION) AS stock__on_hand
  FROM (
    SELECT
      stock_once.stock__day__month,
      stock_once.at_time,
      SUM(stock_once.on_hand) AS stock__on_hand,
      MAX(stock_once.at_time) OVER (PARTITION BY stock_once.stock__day__month) AS chosen_time
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(stock.day AS DATE)) AS DATE) AS stock__day__month,
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
    stock__dated.stock__day__month AS stock__day__month,
    CAST(MAX(
      CASE
        WHEN stock__dated.at_time = stock__dated.chosen_time
        THEN stock__dated.stock__at_first
      END
    ) AS DOUBLE PRECISION) AS stock__at_first
  FROM (
    SELECT
      stock__once.stock__day__month,
      stock__once.at_time,
      SUM(stock__once.at_first) AS stock__at_first,
      MIN(stock__once.at_time) OVER (PARTITION BY stock__once.stock__day__month) AS chosen_time
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(stock.day AS DATE)) AS DATE) AS stock__day__month,
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
    stock___dated.stock__day__month AS stock__day__month,
    CAST(MAX(CASE WHEN NOT stock___dated.at_time IS NULL THEN stock___dated.stock__most END) AS DOUBLE PRECISION) AS stock__most
  FROM (
    SELECT
      stock___once.stock__day__month,
      stock___once.at_time,
      SUM(stock___once.most) AS stock__most
    FROM (
      SELECT
        CAST(DATE_TRUNC('MONTH', CAST(stock.day AS DATE)) AS DATE) AS stock__day__month,
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
    stock__day__month,
    MAX(stock__on_hand) AS stock__on_hand,
    MAX(stock__at_first) AS stock__at_first,
    MAX(stock__most) AS stock__most
  FROM (
    SELECT
      stock__day__month,
      stock__on_hand,
      CAST(NULL AS DOUBLE PRECISION) AS stock__at_first,
      CAST(NULL AS DOUBLE PRECISION) AS stock__most
    FROM stock_facts
    UNION ALL
    SELECT
      stock__day__month,
      CAST(NULL AS DOUBLE PRECISION) AS stock__on_hand,
      stock__at_first,
      CAST(NULL AS DOUBLE PRECISION) AS stock__most
    FROM stock_facts_
    UNION ALL
    SELECT
      stock__day__month,
      CAST(NULL AS DOUBLE PRECISION) AS stock__on_hand,
      CAST(NULL AS DOUBLE PRECISION) AS stock__at_first,
      stock__most
    FROM stock_facts__
  ) AS facts
  GROUP BY
    1
)
SELECT
  stock__day__month,
  stock__on_hand,
  stock__at_first,
  stock__most
FROM merged
ORDER BY
  stock__day__month ASC
LIMIT 10000

-- check
SELECT '2025-01-01' AS month, 16 AS on_hand, 4 AS at_first, 16 AS most UNION ALL SELECT '2025-02-01', 5, NULL, 5
