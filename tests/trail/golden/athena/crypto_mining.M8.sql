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
), launches AS (
  SELECT DISTINCT
    e.event_id,
    e.event_time,
    e.principal_arn,
    JSON_EXTRACT_SCALAR(e.request_parameters, '$.disableApiTermination') AS forbidden
  FROM events AS e
  JOIN case_findings AS f
    ON CONTAINS(
      TRANSFORM(
        CAST(JSON_EXTRACT(e.response_elements, '$.instancesSet.items') AS ARRAY(JSON)),
        i -> JSON_EXTRACT_SCALAR(i, '$.instanceId')
      ),
      f.instance_id
    )
  WHERE
    e.event_source = 'ec2.amazonaws.com'
    AND e.event_name = 'RunInstances'
    AND e.error_code IS NULL
    AND e.event_time BETWEEN CAST(? AS TIMESTAMP) - INTERVAL '7' DAY AND CAST(? AS TIMESTAMP)
), protected AS (
  SELECT
    event_id,
    event_time
  FROM launches
  WHERE
    forbidden = 'true'
  UNION
  SELECT
    e.event_id,
    e.event_time
  FROM events AS e
  JOIN case_findings AS f
    ON JSON_EXTRACT_SCALAR(e.request_parameters, '$.instanceId') = f.instance_id
  WHERE
    e.event_source = 'ec2.amazonaws.com'
    AND e.event_name = 'ModifyInstanceAttribute'
    AND e.error_code IS NULL
    AND JSON_EXTRACT_SCALAR(e.request_parameters, '$.disableApiTermination.value') = 'true'
    AND e.event_time BETWEEN CAST(? AS TIMESTAMP) - INTERVAL '7' DAY AND CAST(? AS TIMESTAMP)
    AND (
      e.principal_arn IN (
        SELECT
          principal_arn
        FROM launches
      )
      OR e.event_id IN (
        SELECT
          event_id
        FROM actor_events
      )
    )
)
SELECT
  CASE
    WHEN COUNT(*) > 0
    THEN 'yes'
    WHEN EXISTS(
      SELECT
        1
      FROM launches
    )
    THEN 'no'
    ELSE 'unknown'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20) AS JSON)) AS events
FROM protected
