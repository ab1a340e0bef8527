-- values: baseline, until, desk, desk, desk, desk
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
), period AS (
  SELECT
    CAST(baseline AS TIMESTAMP) AS baseline,
    CAST(since AS TIMESTAMP) AS since,
    CAST(seen AS TIMESTAMP) AS seen,
    CAST(until AS TIMESTAMP) AS until
  FROM desk_period
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
), peers AS (
  WITH own AS (
    SELECT DISTINCT
      account_id,
      actor_type,
      principal_arn LIKE '%/aws-reserved/sso.amazonaws.com/%' AS person
    FROM principal_events
    WHERE
      actor_type IN ('IAMUser', 'AssumedRole')
  )
  SELECT
    e.principal_arn
  FROM events AS e
  CROSS JOIN period AS p
  JOIN own AS o
    ON o.account_id = e.account_id
    AND o.actor_type = e.actor_type
    AND o.person = (
      e.principal_arn LIKE '%/aws-reserved/sso.amazonaws.com/%'
    )
  WHERE
    e.event_time >= p.baseline
    AND e.event_time < p.since
    AND NOT e.principal_arn IN (
      SELECT
        principal_arn
      FROM principal_events
      WHERE
        NOT principal_arn IS NULL
    )
  GROUP BY
    e.principal_arn
  HAVING
    COUNT(DISTINCT e.event_date) >= 5
    AND MIN(e.event_time) < MIN(p.since) - INTERVAL '14' DAY
), peer_habits AS (
  SELECT
    CONCAT(CAST(e.event_source AS VARCHAR), CAST(':' AS VARCHAR), CAST(e.event_name AS VARCHAR)) AS api,
    COUNT(DISTINCT e.principal_arn) AS peers,
    COUNT(DISTINCT e.event_date) AS days
  FROM events AS e
  JOIN peers AS o
    ON o.principal_arn = e.principal_arn
  CROSS JOIN period AS p
  WHERE
    e.event_time >= p.baseline AND e.event_time < p.since AND e.error_code IS NULL
  GROUP BY
    CONCAT(CAST(e.event_source AS VARCHAR), CAST(':' AS VARCHAR), CAST(e.event_name AS VARCHAR))
)
SELECT
  COUNT(*) AS n
FROM peer_habits
