-- values: baseline, until, desk, desk, desk, desk, since, until, baseline, since, baseline, since
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
), privesc_paths AS (
  SELECT
    path,
    steps,
    event_source,
    event_name
  FROM desk_privesc_paths
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
), chain_events AS (
  SELECT
    e.*
  FROM events AS e
  WHERE
    e.event_id IN (
      SELECT
        event_id
      FROM actor_events
      WHERE
        scope = 'credential'
    )
    OR e.access_key_id IN (
      SELECT
        issued_key_id
      FROM actor_events
      WHERE
        scope = 'credential' AND NOT issued_key_id IS NULL
    )
), changes AS (
  SELECT DISTINCT
    c.event_source,
    c.event_name
  FROM chain_events AS c
  JOIN privesc_paths AS p
    ON p.event_source = c.event_source AND p.event_name = c.event_name
  WHERE
    c.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND c.error_code IS NULL
    AND p.path <> 'sts-001'
), before AS (
  SELECT
    e.event_id,
    e.event_time,
    e.event_date
  FROM principal_events AS e
  JOIN changes AS c
    ON c.event_source = e.event_source AND c.event_name = e.event_name
  WHERE
    e.event_time >= CAST(? AS TIMESTAMP)
    AND e.event_time < CAST(? AS TIMESTAMP)
    AND e.error_code IS NULL
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM changes
    )
    THEN 'unknown'
    WHEN (
      SELECT
        COUNT(DISTINCT event_date)
      FROM before
    ) >= 2
    THEN 'yes'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM principal_events
      WHERE
        event_time >= CAST(? AS TIMESTAMP)
        AND event_time < CAST(? AS TIMESTAMP)
    )
    THEN 'unknown'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM before
  ) AS n,
  JSON_FORMAT(
    CAST((
      SELECT
        SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20)
      FROM before
    ) AS JSON)
  ) AS events
