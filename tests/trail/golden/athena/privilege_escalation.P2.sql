-- values: baseline, until, desk, desk, desk, since, until, since, until
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
), grants AS (
  SELECT
    event_id,
    kind,
    holder,
    target,
    own,
    admin,
    iam,
    wildcard,
    readable,
    outsider
  FROM desk_grants
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
), given AS (
  SELECT
    c.event_id,
    c.event_time,
    c.source_ip,
    c.issued_key_id,
    g.kind,
    g.holder,
    g.target,
    g.own
  FROM chain_events AS c
  JOIN grants AS g
    ON g.event_id = c.event_id
  WHERE
    c.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), shown AS (
  SELECT
    event_id,
    event_time
  FROM given
  WHERE
    own AND kind IN ('rights', 'group')
  UNION
  SELECT
    g.event_id,
    g.event_time
  FROM given AS g
  JOIN chain_events AS c
    ON g.holder = 'role'
    AND g.kind IN ('rights', 'trust')
    AND c.event_name = 'AssumeRole'
    AND c.error_code IS NULL
    AND (
      SPLIT_PART(c.target_role, ':role/', 2) = g.target
      OR c.target_role LIKE CONCAT(CAST('%/' AS VARCHAR), CAST(g.target AS VARCHAR))
    )
    AND c.event_time BETWEEN g.event_time - INTERVAL '1' HOUR AND g.event_time + INTERVAL '1' HOUR
  WHERE
    g.target <> ''
  UNION
  SELECT
    g.event_id,
    g.event_time
  FROM given AS g
  JOIN events AS e
    ON g.kind = 'credential'
    AND NOT g.own
    AND e.access_key_id = g.issued_key_id
    AND e.event_time BETWEEN g.event_time AND g.event_time + INTERVAL '24' HOUR
  LEFT JOIN addresses AS a
    ON a.ip = g.source_ip
  LEFT JOIN addresses AS b
    ON b.ip = e.source_ip
  WHERE
    e.source_ip = g.source_ip
    OR (
      a.label = 'foreign' AND b.label = 'foreign' AND a.network = b.network
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM chain_events
      WHERE
        event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
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
