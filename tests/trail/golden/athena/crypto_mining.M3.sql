-- values: baseline, until, account, baseline, until, since, since, account, baseline, since
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
    region,
    JSON_EXTRACT_SCALAR(request_parameters, '$.instanceType') AS size
  FROM events
  WHERE
    account_id = ?
    AND event_source = 'ec2.amazonaws.com'
    AND event_name = 'RunInstances'
    AND error_code IS NULL
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), odd AS (
  SELECT
    event_id,
    event_time
  FROM launches
  WHERE
    event_time >= CAST(? AS TIMESTAMP)
    AND (
      (
        REGEXP_LIKE(size, '^(p|g|gr|dl|trn|inf)[0-9]|[.](metal|(12|16|18|24|32|48|56|96|112)xlarge)')
        AND NOT size IN (
          SELECT
            size
          FROM launches
          WHERE
            event_time < CAST(? AS TIMESTAMP) AND NOT size IS NULL
        )
      )
      OR NOT region IN (
        SELECT
          region
        FROM events
        WHERE
          account_id = ?
          AND NOT region IS NULL
          AND management_event
          AND event_time >= CAST(? AS TIMESTAMP)
          AND event_time < CAST(? AS TIMESTAMP)
      )
    )
)
SELECT
  CASE WHEN COUNT(*) > 0 THEN 'yes' ELSE 'no' END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20) AS JSON)) AS events
FROM odd
