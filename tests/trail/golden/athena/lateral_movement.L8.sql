-- values: baseline, until, desk, desk, desk, since, until, baseline, since, baseline, until
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
), hosts AS (
  SELECT
    ip,
    interface_id,
    instance_id,
    group_id,
    in_case
  FROM desk_hosts
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
), mine AS (
  SELECT DISTINCT
    event_id,
    event_time,
    source_ip,
    principal_id
  FROM actor_events
  WHERE
    scope = 'credential'
    AND NOT JSON_EXTRACT_SCALAR(user_identity, '$.sessionContext.ec2RoleDelivery') IS NULL
    AND NOT source_ip_hex IS NULL
), now AS (
  SELECT
    *
  FROM mine
  WHERE
    event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), before AS (
  SELECT
    source_ip,
    COUNT(DISTINCT CAST(event_time AS DATE)) AS days
  FROM mine
  WHERE
    event_time >= CAST(? AS TIMESTAMP)
    AND event_time < CAST(? AS TIMESTAMP)
  GROUP BY
    source_ip
), strange AS (
  SELECT DISTINCT
    n.event_id,
    n.event_time,
    n.source_ip
  FROM now AS n
  WHERE
    NOT n.source_ip IN (
      SELECT
        source_ip
      FROM before
    )
    AND (
      EXISTS(
        SELECT
          1
        FROM events AS o
        WHERE
          o.source_ip = n.source_ip
          AND o.principal_id LIKE '%:i-%'
          AND o.principal_id <> n.principal_id
          AND SPLIT_PART(o.principal_id, ':', 2) <> SPLIT_PART(n.principal_id, ':', 2)
          AND NOT JSON_EXTRACT_SCALAR(o.user_identity, '$.sessionContext.ec2RoleDelivery') IS NULL
          AND o.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
      )
      OR n.source_ip IN (
        SELECT
          h.ip
        FROM hosts AS h
        WHERE
          h.instance_id <> SPLIT_PART(n.principal_id, ':', 2)
      )
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM now
    )
    AND EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        is_lead AND NOT instance_id IS NULL AND identity_name IS NULL
    )
    THEN 'no'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM now
    )
    OR NOT EXISTS(
      SELECT
        1
      FROM before
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM strange
    )
    THEN 'yes'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM now
      WHERE
        NOT source_ip IN (
          SELECT
            source_ip
          FROM before
          WHERE
            days >= 3
        )
    )
    THEN 'no'
    ELSE 'unknown'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM strange
  ) AS n,
  JSON_FORMAT(
    CAST((
      SELECT
        SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20)
      FROM strange
    ) AS JSON)
  ) AS events
