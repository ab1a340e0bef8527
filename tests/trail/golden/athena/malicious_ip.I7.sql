-- values: baseline, until, desk, desk, since, until
WITH events AS (
  SELECT
    *
  FROM stanch.events
  WHERE
    event_date BETWEEN CAST(CAST(? AS TIMESTAMP) AS DATE) AND CAST(CAST(? AS TIMESTAMP) AS DATE)
), case_findings AS (
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
), calls AS (
  SELECT
    e.*
  FROM events AS e
  JOIN case_addresses AS a
    ON a.ip = e.source_ip AND a.label = 'foreign'
  WHERE
    e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND e.error_code IS NULL
), reached AS (
  SELECT
    principal_arn AS what
  FROM calls
  UNION
  SELECT
    bucket
  FROM calls
  UNION
  SELECT
    target_role
  FROM calls
  UNION
  SELECT
    JSON_EXTRACT_SCALAR(request_parameters, '$.secretId')
  FROM calls
  UNION
  SELECT
    JSON_EXTRACT_SCALAR(request_parameters, '$.functionName')
  FROM calls
  UNION
  SELECT
    instance_arn
  FROM case_findings
  WHERE
    NOT remote_ip IS NULL
)
SELECT
  CASE
    WHEN (
      SELECT
        COUNT(what)
      FROM reached
    ) >= 3
    THEN 'yes'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM calls
    )
    THEN 'unknown'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM calls
  ) AS n,
  JSON_FORMAT(
    CAST((
      SELECT
        SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20)
      FROM calls
    ) AS JSON)
  ) AS events
