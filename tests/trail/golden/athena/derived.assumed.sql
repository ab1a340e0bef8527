-- values: baseline, until, desk
WITH events AS (
  SELECT
    *
  FROM stanch.events
  WHERE
    event_date BETWEEN CAST(CAST(? AS TIMESTAMP) AS DATE) AND CAST(CAST(? AS TIMESTAMP) AS DATE)
), period AS (
  SELECT
    CAST(baseline AS TIMESTAMP) AS baseline,
    CAST(since AS TIMESTAMP) AS since,
    CAST(seen AS TIMESTAMP) AS seen,
    CAST(until AS TIMESTAMP) AS until
  FROM desk_period
  WHERE
    desk = ?
), assumed AS (
  SELECT
    e.event_id,
    e.event_time,
    e.principal_arn,
    e.target_role,
    e.access_key_id,
    e.issued_key_id
  FROM events AS e
  CROSS JOIN period AS p
  WHERE
    e.event_name = 'AssumeRole'
    AND NOT e.issued_key_id IS NULL
    AND e.event_time BETWEEN p.since AND p.until
)
SELECT
  COUNT(*) AS n
FROM assumed
