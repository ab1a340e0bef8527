-- values: desk, desk, desk, when
WITH case_principals AS (
  SELECT
    arn
  FROM desk_case_principals
  WHERE
    desk = ?
), pipelines AS (
  SELECT
    role,
    provider,
    subject,
    networks
  FROM desk_pipelines
  WHERE
    desk = ?
), windows AS (
  SELECT
    kind,
    principal,
    CAST(start_time AS TIMESTAMP) AS start_time,
    CAST(end_time AS TIMESTAMP) AS end_time,
    ticket
  FROM desk_windows
  WHERE
    desk = ?
)
SELECT
  CASE
    WHEN EXISTS(
      SELECT
        1
      FROM case_principals
      WHERE
        arn IN (
          SELECT
            role
          FROM pipelines
        )
    )
    THEN 'unknown'
    WHEN COUNT(*) > 0
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM windows
WHERE
  kind = 'change'
  AND principal IN (
    SELECT
      arn
    FROM case_principals
  )
  AND CAST(? AS TIMESTAMP) BETWEEN start_time AND end_time
