-- values: baseline, until, desk, desk, desk, since, until, baseline, until
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
), case_principals AS (
  SELECT
    arn
  FROM desk_case_principals
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
), principal_events AS (
  SELECT
    e.*
  FROM events AS e
  WHERE
    e.principal_arn IN (
      SELECT
        arn
      FROM case_principals
    )
    OR e.principal_arn IN (
      SELECT
        principal_arn
      FROM actor_events
      WHERE
        scope = 'credential'
    )
), made AS (
  SELECT
    event_id,
    event_time,
    issued_key_id
  FROM actor_events
  WHERE
    scope = 'credential'
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND NOT issued_key_id IS NULL
    AND event_name IN ('CreateAccessKey', 'GetSessionToken', 'GetFederationToken')
), home AS (
  SELECT DISTINCT
    a.network
  FROM principal_events AS e
  JOIN addresses AS a
    ON a.ip = e.source_ip
  WHERE
    e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), uses AS (
  SELECT
    e.event_id,
    e.event_time,
    a.label,
    a.network
  FROM made AS m
  JOIN events AS e
    ON e.access_key_id = m.issued_key_id
    AND e.event_time BETWEEN m.event_time AND m.event_time + INTERVAL '24' HOUR
  JOIN addresses AS a
    ON a.ip = e.source_ip
), shown AS (
  SELECT
    event_id,
    event_time
  FROM uses
  WHERE
    label = 'foreign' AND NOT network IN (
      SELECT
        network
      FROM home
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM uses
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM shown
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM shown
  ) AS n,
  JSON_FORMAT(
    CAST((
      SELECT
        SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20)
      FROM shown
    ) AS JSON)
  ) AS events
