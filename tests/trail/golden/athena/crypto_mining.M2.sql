-- values: baseline, until, desk, desk, baseline, until, since
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
), pipelines AS (
  SELECT
    role,
    provider,
    subject,
    networks
  FROM desk_pipelines
  WHERE
    desk = ?
), launches AS (
  SELECT DISTINCT
    e.event_id,
    e.event_time,
    COALESCE(e.actor_type = 'AWSService', FALSE)
    OR COALESCE(JSON_EXTRACT_SCALAR(e.user_identity, '$.invokedBy') LIKE '%.amazonaws.com', FALSE)
    OR COALESCE(e.principal_arn IN (
      SELECT
        role
      FROM pipelines
    ), FALSE) AS expected
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
    AND e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), surprises AS (
  SELECT
    event_id
  FROM launches
  WHERE
    NOT expected AND event_time >= CAST(? AS TIMESTAMP) - INTERVAL '7' DAY
)
SELECT
  CASE
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM surprises
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20) AS JSON)) AS events
FROM launches
