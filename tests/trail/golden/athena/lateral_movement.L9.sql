-- values: desk, desk
WITH case_principals AS (
  SELECT
    arn
  FROM desk_case_principals
  WHERE
    desk = ?
), assets AS (
  SELECT
    arn,
    tier,
    stateful,
    workload,
    data
  FROM desk_assets
  WHERE
    desk = ?
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_principals
    )
    THEN 'unknown'
    WHEN COUNT(*) > 0
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM assets
WHERE
  workload IN ('vulnerability-scanner', 'bastion', 'configuration-management')
  AND arn IN (
    SELECT
      arn
    FROM case_principals
  )
