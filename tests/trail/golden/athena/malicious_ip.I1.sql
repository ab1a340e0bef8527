-- values: desk
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
)
SELECT
  CASE
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN BOOL_OR(direction = 'OUTBOUND' AND NOT blocked)
    THEN 'yes'
    WHEN BOOL_AND(COALESCE(direction = 'INBOUND' AND blocked, FALSE))
    THEN 'no'
    ELSE 'unknown'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM case_findings
WHERE
  is_lead AND NOT remote_ip IS NULL
