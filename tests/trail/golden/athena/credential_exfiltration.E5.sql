-- values: baseline, until, desk, desk, desk, since, until
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
), vpc_endpoints AS (
  SELECT
    id
  FROM desk_vpc_endpoints
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
), calls AS (
  SELECT DISTINCT
    e.event_id,
    e.event_time,
    e.vpc_endpoint_id
  FROM actor_events AS e
  JOIN case_findings AS f
    ON f.caller_ip = e.source_ip
  WHERE
    e.scope = 'credential'
    AND e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), outside AS (
  SELECT
    event_id
  FROM calls
  WHERE
    vpc_endpoint_id IS NULL
    OR NOT vpc_endpoint_id IN (
      SELECT
        id
      FROM vpc_endpoints
    )
)
SELECT
  CASE
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM outside
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20) AS JSON)) AS events
FROM calls
