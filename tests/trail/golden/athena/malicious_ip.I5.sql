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
    e.event_id,
    e.event_time,
    e.error_code IS NULL
    AND (
      (
        e.event_name = 'ConsoleLogin'
        AND JSON_EXTRACT_SCALAR(e.response_elements, '$.ConsoleLogin') = 'Success'
      )
      OR (
        e.event_name <> 'ConsoleLogin'
        AND NOT e.access_key_id IS NULL
        AND e.actor_type IN ('IAMUser', 'AssumedRole', 'FederatedUser', 'IdentityCenterUser', 'Root')
      )
    ) AS succeeded
  FROM events AS e
  JOIN case_addresses AS a
    ON a.ip = e.source_ip AND a.label = 'foreign'
  WHERE
    e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
)
SELECT
  CASE WHEN COUNT(*) = 0 THEN 'unknown' WHEN BOOL_OR(succeeded) THEN 'yes' ELSE 'no' END AS answer,
  COUNT(*) FILTER(WHERE
    succeeded) AS n,
  JSON_FORMAT(
    CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id) FILTER(WHERE
      succeeded), 1, 20) AS JSON)
  ) AS events
FROM calls
