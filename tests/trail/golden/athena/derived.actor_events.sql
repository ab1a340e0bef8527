-- values: baseline, until, desk, desk
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
), actor_events AS (
  SELECT
    e.*,
    'credential' AS scope
  FROM events AS e
  WHERE
    e.access_key_id IN (
      SELECT
        access_key_id
      FROM case_findings
      WHERE
        NOT access_key_id IS NULL
    )
    OR e.principal_id IN (
      SELECT
        principal_id
      FROM case_findings
      WHERE
        NOT principal_id IS NULL
    )
    OR (
      NOT JSON_EXTRACT_SCALAR(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NULL
      AND EXISTS(
        SELECT
          1
        FROM case_findings AS f
        WHERE
          f.instance_id = SPLIT_PART(e.principal_id, ':', 2)
          AND f.account_id = SPLIT_PART(e.principal_arn, ':', 5)
      )
    )
  UNION ALL
  SELECT
    e.*,
    'address' AS scope
  FROM events AS e
  JOIN case_addresses AS a
    ON e.source_ip = a.ip AND a.label = 'foreign'
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        NOT identity_name IS NULL
    )
)
SELECT
  COUNT(*) AS n
FROM actor_events
