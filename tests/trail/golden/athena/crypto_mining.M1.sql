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
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN BOOL_OR(declared)
    THEN 'unknown'
    WHEN BOOL_OR(remote_port IN (3333, 4444, 5555, 7777, 9999, 14433, 14444, 45700))
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM (
  SELECT
    f.remote_port,
    f.instance_arn IN (
      SELECT
        arn
      FROM assets
      WHERE
        workload IN ('blockchain-node', 'threat-research')
    ) AS declared
  FROM case_findings AS f
  WHERE
    f.is_lead AND NOT f.remote_ip IS NULL AND NOT f.remote_port IS NULL
)
