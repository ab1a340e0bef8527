-- values: baseline, until, account, baseline, until, since, since, when
WITH events AS (
  SELECT
    *
  FROM stanch.events
  WHERE
    event_date BETWEEN CAST(CAST(? AS TIMESTAMP) AS DATE) AND CAST(CAST(? AS TIMESTAMP) AS DATE)
), launches AS (
  SELECT
    event_id,
    event_time,
    event_date,
    GREATEST(
      COALESCE(JSON_ARRAY_LENGTH(JSON_EXTRACT(response_elements, '$.instancesSet.items')), 1),
      1
    ) AS instances
  FROM events
  WHERE
    account_id = ?
    AND event_source = 'ec2.amazonaws.com'
    AND event_name = 'RunInstances'
    AND error_code IS NULL
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), days AS (
  SELECT
    event_date,
    SUM(instances) AS instances
  FROM launches
  WHERE
    event_time < CAST(? AS TIMESTAMP)
  GROUP BY
    event_date
), now AS (
  SELECT
    event_id,
    event_time,
    instances
  FROM launches
  WHERE
    event_time >= CAST(? AS TIMESTAMP)
    AND event_time >= CAST(? AS TIMESTAMP) - INTERVAL '24' HOUR
)
SELECT
  CASE
    WHEN COALESCE(SUM(instances), 0) >= 5
    AND COALESCE(SUM(instances), 0) > COALESCE((
      SELECT
        MAX(instances)
      FROM days
    ), 0)
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20) AS JSON)) AS events
FROM now
