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
), addresses AS (
  SELECT
    ip,
    label,
    network
  FROM desk_addresses
  WHERE
    desk = ?
), case_addresses AS (
  SELECT
    a.ip,
    a.label,
    a.network
  FROM addresses AS a
  WHERE
    a.ip IN (
      SELECT
        f.caller_ip
      FROM case_findings AS f
    )
    OR a.ip IN (
      SELECT
        f.remote_ip
      FROM case_findings AS f
    )
)
SELECT
  CASE
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN COUNT(*) FILTER(WHERE
      NOT label IN ('vpn', 'office', 'ci', 'egress', 'partner')) = 0
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) FILTER(WHERE
    label IN ('vpn', 'office', 'ci', 'egress', 'partner')) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM case_addresses
