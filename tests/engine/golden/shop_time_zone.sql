/*
about: >-
  Days as they are in the zone that is asked for: midnight in Berlin is an hour, in summer two, before midnight UTC.
model: shop
query: {"measures": ["orders.count"], "timeDimensions": [{"dimension": "orders.created_at", "granularity": "hour", "dateRange": "2025"}], "timezone": "Europe/Berlin"}
*/

-- sqlite {"p0": "2024-12-31", "p1": "2026-01-01", "p2": "2024-12-31 23:00:00.000", "p3": "2025-12-31 23:00:00.000"}
SELECT
  STRFTIME(
    '%Y-%m-%d %H:00:00',
    DATETIME(
      orders.created_at,
      CASE
        WHEN DATETIME(orders.created_at) >= '2008-10-26 01:00:00'
        THEN CASE
          WHEN DATETIME(orders.created_at) >= '2023-03-26 01:00:00'
          THEN CASE
            WHEN DATETIME(orders.created_at) >= '2030-10-27 01:00:00'
            THEN CASE
              WHEN DATETIME(orders.created_at) >= '2034-03-26 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '2036-03-30 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2037-03-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2037-10-25 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2036-10-26 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2035-03-25 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2035-10-28 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2034-10-29 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '2032-03-28 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2033-03-27 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2033-10-30 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2032-10-31 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2031-03-30 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2031-10-26 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE '+3600 seconds'
                END
              END
            END
            ELSE CASE
              WHEN DATETIME(orders.created_at) >= '2026-10-25 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '2028-10-29 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2029-10-28 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2030-03-31 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2029-03-25 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2027-10-31 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2028-03-26 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2027-03-28 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '2024-10-27 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2025-10-26 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2026-03-29 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2025-03-30 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2023-10-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2024-03-31 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE '+7200 seconds'
                END
              END
            END
          END
          ELSE CASE
            WHEN DATETIME(orders.created_at) >= '2015-10-25 01:00:00'
            THEN CASE
              WHEN DATETIME(orders.created_at) >= '2019-03-31 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '2021-03-28 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2022-03-27 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2022-10-30 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2021-10-31 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2020-03-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2020-10-25 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2019-10-27 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '2017-03-26 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2018-03-25 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2018-10-28 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2017-10-29 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2016-03-27 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2016-10-30 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE '+3600 seconds'
                END
              END
            END
            ELSE CASE
              WHEN DATETIME(orders.created_at) >= '2012-03-25 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '2013-10-27 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2014-10-26 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2015-03-29 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2014-03-30 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2012-10-28 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2013-03-31 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE '+7200 seconds'
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '2010-03-28 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2011-03-27 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2011-10-30 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2010-10-31 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2009-03-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2009-10-25 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE '+3600 seconds'
                END
              END
            END
          END
        END
        ELSE CASE
          WHEN DATETIME(orders.created_at) >= '1994-03-27 01:00:00'
          THEN CASE
            WHEN DATETIME(orders.created_at) >= '2001-03-25 01:00:00'
            THEN CASE
              WHEN DATETIME(orders.created_at) >= '2004-10-31 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '2006-10-29 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2007-10-28 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2008-03-30 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2007-03-25 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2005-10-30 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2006-03-26 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2005-03-27 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '2002-10-27 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2003-10-26 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2004-03-28 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '2003-03-30 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '2001-10-28 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2002-03-31 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE '+7200 seconds'
                END
              END
            END
            ELSE CASE
              WHEN DATETIME(orders.created_at) >= '1997-10-26 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '1999-03-28 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '2000-03-26 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '2000-10-29 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1999-10-31 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '1998-03-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1998-10-25 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE '+3600 seconds'
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '1995-09-24 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '1996-10-27 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1997-03-30 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1996-03-31 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '1994-09-25 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1995-03-26 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE '+7200 seconds'
                END
              END
            END
          END
          ELSE CASE
            WHEN DATETIME(orders.created_at) >= '1986-09-28 01:00:00'
            THEN CASE
              WHEN DATETIME(orders.created_at) >= '1990-03-25 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '1992-03-29 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '1993-03-28 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1993-09-26 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1992-09-27 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '1991-03-31 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1991-09-29 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1990-09-30 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '1988-03-27 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '1989-03-26 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1989-09-24 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1988-09-25 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '1987-03-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1987-09-27 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE '+3600 seconds'
                END
              END
            END
            ELSE CASE
              WHEN DATETIME(orders.created_at) >= '1983-03-27 01:00:00'
              THEN CASE
                WHEN DATETIME(orders.created_at) >= '1984-09-30 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '1985-09-29 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1986-03-30 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1985-03-31 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '1983-09-25 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1984-03-25 01:00:00'
                    THEN '+7200 seconds'
                    ELSE '+3600 seconds'
                  END
                  ELSE '+7200 seconds'
                END
              END
              ELSE CASE
                WHEN DATETIME(orders.created_at) >= '1981-03-29 01:00:00'
                THEN CASE
                  WHEN DATETIME(orders.created_at) >= '1982-03-28 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1982-09-26 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE CASE
                    WHEN DATETIME(orders.created_at) >= '1981-09-27 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                END
                ELSE CASE
                  WHEN DATETIME(orders.created_at) >= '1980-04-06 01:00:00'
                  THEN CASE
                    WHEN DATETIME(orders.created_at) >= '1980-09-28 01:00:00'
                    THEN '+3600 seconds'
                    ELSE '+7200 seconds'
                  END
                  ELSE '+3600 seconds'
                END
              END
            END
          END
        END
      END
    )
  ) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= :p0
  AND orders.created_at < :p1
  AND STRFTIME('%Y-%m-%d %H:%M:%f', orders.created_at) >= :p2
  AND STRFTIME('%Y-%m-%d %H:%M:%f', orders.created_at) < :p3
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC NULLS LAST
LIMIT 10000

-- duckdb {"p0": "2024-12-31 23:00:00", "p1": "2025-12-31 23:00:00"}
SELECT
  DATE_TRUNC(
    'HOUR',
    CAST(orders.created_at AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin'
  ) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= $p0 AND orders.created_at < $p1
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC
LIMIT 10000

-- postgres {"p0": "2024-12-31 23:00:00", "p1": "2025-12-31 23:00:00"}
SELECT
  DATE_TRUNC(
    'HOUR',
    CAST(orders.created_at AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin'
  ) AS orders__created_at__hour,
  COUNT(*) AS orders__count
FROM orders
WHERE
  orders.created_at >= %(p0)s AND orders.created_at < %(p1)s
GROUP BY
  1
ORDER BY
  orders__created_at__hour ASC
LIMIT 10000

-- check
SELECT CASE WHEN id < 105 THEN SUBSTR(CAST(created_at AS VARCHAR), 1, 10) || 'T01:00:00' ELSE SUBSTR(CAST(created_at AS VARCHAR), 1, 10) || 'T02:00:00' END, COUNT(*)
FROM orders GROUP BY 1 ORDER BY 1
