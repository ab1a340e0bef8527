-- values: desk, desk, when, until
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
), metrics AS (
  SELECT
    instance_id,
    name,
    CAST(time AS TIMESTAMP) AS time,
    value
  FROM desk_metrics
  WHERE
    desk = ?
), readings AS (
  SELECT
    m.value
  FROM metrics AS m
  JOIN case_findings AS f
    ON f.is_lead AND f.instance_id = m.instance_id
  WHERE
    m.name = 'CPUUtilization'
    AND m.time BETWEEN CAST(? AS TIMESTAMP) - INTERVAL '2' HOUR AND CAST(? AS TIMESTAMP)
)
SELECT
  CASE
    WHEN COUNT(*) < 12
    THEN 'unknown'
    WHEN COUNT(*) FILTER(WHERE
      value > 90) >= 12 AND MIN(value) > 50
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) FILTER(WHERE
    value > 90) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM readings
