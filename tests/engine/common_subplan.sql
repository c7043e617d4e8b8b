WITH tasks_facts AS (
  SELECT
    teams.teams__happened_at__month AS teams__happened_at__month,
    SUM(CASE WHEN tasks.flag THEN tasks.amount END) AS tasks__filled
  FROM tasks_table AS tasks
  INNER JOIN people AS staff
    ON tasks.staff_id = staff.id
  LEFT JOIN people AS bosses
    ON staff.bosses_id = bosses.id
  INNER JOIN (
    SELECT
      teams.id,
      teams.happened_at,
      CAST(DATE_TRUNC('MONTH', teams.happened_at) AS DATE) AS teams__happened_at__month
    FROM teams_table AS teams
  ) AS teams
    ON staff.teams_id = teams.id
  WHERE
    (
      bosses.label <> $p0 OR bosses.label IS NULL
    )
    AND teams.happened_at >= $p1
    AND teams.happened_at < $p2
  GROUP BY
    1
), staff_facts AS (
  SELECT
    spread.teams__happened_at__month,
    spread.staff__best
  FROM (
    SELECT
      spread.teams__happened_at__month,
      MAX(spread.staff__best) OVER () AS staff__best,
      spread.is_shown
    FROM (
      SELECT
        stage.teams__happened_at__month,
        NULL AS staff__best,
        1 AS is_shown
      FROM (
        SELECT
          teams.teams__happened_at__month AS teams__happened_at__month
        FROM people AS staff
        LEFT JOIN people AS bosses
          ON staff.bosses_id = bosses.id
        INNER JOIN (
          SELECT
            teams.id,
            teams.happened_at,
            CAST(DATE_TRUNC('MONTH', teams.happened_at) AS DATE) AS teams__happened_at__month
          FROM teams_table AS teams
        ) AS teams
          ON staff.teams_id = teams.id
        WHERE
          (
            bosses.label <> $p0 OR bosses.label IS NULL
          )
          AND teams.happened_at >= $p1
          AND teams.happened_at < $p2
        GROUP BY
          1
      ) AS stage
      UNION ALL
      SELECT
        NULL AS teams__happened_at__month,
        stage.staff__best,
        0 AS is_shown
      FROM (
        SELECT
          MAX(stage.staff__count) AS staff__best
        FROM (
          SELECT
            CASE WHEN (
              staff.amount > 1
            ) THEN 'big' ELSE 'small' END AS staff__size,
            COUNT(*) AS staff__count
          FROM people AS staff
          LEFT JOIN people AS bosses
            ON staff.bosses_id = bosses.id
          INNER JOIN teams_table AS teams
            ON staff.teams_id = teams.id
          WHERE
            (
              bosses.label <> $p0 OR bosses.label IS NULL
            )
            AND teams.happened_at >= $p1
            AND teams.happened_at < $p2
          GROUP BY
            1
        ) AS stage
      ) AS stage
    ) AS spread
  ) AS spread
  WHERE
    spread.is_shown = 1
), merged AS (
  SELECT
    teams__happened_at__month,
    MAX(tasks__filled) AS tasks__filled,
    MAX(staff__best) AS staff__best
  FROM (
    SELECT
      teams__happened_at__month,
      tasks__filled,
      NULL AS staff__best
    FROM tasks_facts
    UNION ALL
    SELECT
      teams__happened_at__month,
      NULL AS tasks__filled,
      staff__best
    FROM staff_facts
  ) AS facts
  GROUP BY
    1
)
SELECT
  teams__happened_at__month,
  staff__best,
  COALESCE(tasks__filled, 0) AS tasks__filled
FROM merged
ORDER BY
  teams__happened_at__month ASC
LIMIT 10000
