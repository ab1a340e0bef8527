-- values: baseline, until, desk, desk, desk, desk, desk, since, until, since, until
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
), suspect_times AS (
  SELECT
    CAST(start_time AS TIMESTAMP) AS start_time,
    CAST(end_time AS TIMESTAMP) AS end_time,
    why
  FROM desk_suspect_times
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
), clean_events AS (
  SELECT
    e.*
  FROM principal_events AS e
  CROSS JOIN period AS p
  WHERE
    e.event_time >= p.baseline
    AND e.event_time < p.since
    AND NOT EXISTS(
      SELECT
        1
      FROM suspect_times AS s
      WHERE
        e.event_time >= s.start_time AND e.event_time < s.end_time
    )
), profiles AS (
  SELECT
    e.principal_arn,
    COUNT(DISTINCT e.event_date) AS days,
    MIN(e.event_time) AS first_time,
    COUNT(DISTINCT e.event_date) >= 5
    AND MIN(e.event_time) < MIN(p.since) - INTERVAL '14' DAY AS established
  FROM clean_events AS e
  CROSS JOIN period AS p
  GROUP BY
    e.principal_arn
), doors AS (
  SELECT DISTINCT
    event_id,
    event_time,
    COALESCE(
      JSON_EXTRACT_SCALAR(request_parameters, '$.target'),
      JSON_EXTRACT_SCALAR(request_parameters, '$.instanceId')
    ) AS host
  FROM actor_events
  WHERE
    scope = 'credential'
    AND error_code IS NULL
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND event_name IN ('StartSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey')
    AND event_source IN ('ssm.amazonaws.com', 'ec2-instance-connect.amazonaws.com')
), before AS (
  SELECT
    event_date,
    COUNT(
      DISTINCT COALESCE(
        JSON_EXTRACT_SCALAR(request_parameters, '$.target'),
        JSON_EXTRACT_SCALAR(request_parameters, '$.instanceId')
      )
    ) AS hosts
  FROM clean_events
  WHERE
    error_code IS NULL
    AND event_name IN ('StartSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey')
  GROUP BY
    event_date
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM actor_events
      WHERE
        scope = 'credential'
        AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    )
    THEN 'unknown'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM profiles
      WHERE
        established
    )
    THEN 'unknown'
    WHEN COUNT(DISTINCT host) >= 4
    AND COUNT(DISTINCT host) > 2 * (
      SELECT
        COALESCE(MAX(hosts), 0)
      FROM before
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(DISTINCT host) AS n,
  JSON_FORMAT(CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20) AS JSON)) AS events
FROM doors
