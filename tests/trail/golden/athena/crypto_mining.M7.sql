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
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        NOT instance_arn IS NULL
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
  workload IN ('blockchain-node', 'threat-research')
  AND arn IN (
    SELECT
      instance_arn
    FROM case_findings
    WHERE
      is_lead
  )
