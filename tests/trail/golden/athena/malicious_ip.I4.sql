-- values: baseline, until, desk, desk, since, until, since, until
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
    e.event_name,
    e.error_code,
    e.response_elements
  FROM events AS e
  JOIN case_addresses AS a
    ON a.ip = e.source_ip AND a.label = 'foreign'
  WHERE
    e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), attempts AS (
  SELECT
    event_id,
    event_time,
    error_code IS NULL
    AND COALESCE(JSON_EXTRACT_SCALAR(response_elements, '$.ConsoleLogin'), 'Success') = 'Success' AS succeeded
  FROM calls
  WHERE
    event_name IN (
      'ConsoleLogin',
      'AssumeRole',
      'AssumeRoleWithSAML',
      'AssumeRoleWithWebIdentity',
      'GetSessionToken',
      'GetFederationToken',
      'CredentialVerification',
      'UserAuthentication'
    )
), won AS (
  SELECT
    s.event_id,
    s.event_time
  FROM attempts AS s
  JOIN attempts AS f
    ON s.succeeded AND NOT f.succeeded AND f.event_time < s.event_time
  GROUP BY
    s.event_id,
    s.event_time
  HAVING
    COUNT(*) >= 3
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_addresses
    )
    OR NOT EXISTS(
      SELECT
        1
      FROM events
      WHERE
        event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM won
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM attempts
  ) AS n,
  JSON_FORMAT(
    CAST((
      SELECT
        SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20)
      FROM (
        SELECT
          event_id,
          event_time
        FROM won
        UNION
        SELECT
          event_id,
          event_time
        FROM attempts
        WHERE
          NOT succeeded
      )
    ) AS JSON)
  ) AS events
