-- values: desk, desk
WITH case_findings AS (
  SELECT
    id,
    type,
    product,
    account_id,
    region,
    severity,
    CAST(began AS TIMESTAMP) AS began,
    CAST(seen AS TIMESTAMP) AS seen,
    identity_kind,
    identity_name,
    principal_id,
    access_key_id,
    instance_id,
    instance_arn,
    caller_ip,
    remote_account,
    remote_ip,
    direction,
    remote_port,
    blocked,
    is_lead,
    known,
    outsider
  FROM desk_case_findings
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
    WHEN COUNT(*) = 0 OR NOT EXISTS(
      SELECT
        1
      FROM assets
    )
    THEN 'unknown'
    WHEN BOOL_AND(
      COALESCE(f.direction = 'INBOUND', FALSE)
      AND f.instance_arn IN (
        SELECT
          arn
        FROM assets
        WHERE
          workload IN ('public-service', 'public-website')
      )
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM case_findings AS f
WHERE
  NOT f.remote_ip IS NULL AND NOT f.instance_arn IS NULL
