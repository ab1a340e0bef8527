-- values: baseline, until, desk, desk, since, until, account, baseline, until
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
    e.event_time
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
    AND (
      COALESCE(e.actor_type = 'AWSService', FALSE)
      OR COALESCE(JSON_EXTRACT_SCALAR(e.user_identity, '$.invokedBy') LIKE '%.amazonaws.com', FALSE)
    )
), changes AS (
  SELECT
    event_id,
    event_time,
    principal_arn
  FROM events
  WHERE
    account_id = ?
    AND error_code IS NULL
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND event_name IN (
      'CreateLaunchTemplate',
      'CreateLaunchTemplateVersion',
      'ModifyLaunchTemplate',
      'CreateLaunchConfiguration',
      'CreateAutoScalingGroup',
      'UpdateAutoScalingGroup'
    )
    AND COALESCE(actor_type, '') <> 'AWSService'
    AND COALESCE(JSON_EXTRACT_SCALAR(user_identity, '$.invokedBy'), '') NOT LIKE '%.amazonaws.com'
    AND NOT principal_arn IS NULL
    AND NOT principal_arn IN (
      SELECT
        role
      FROM pipelines
    )
), shown AS (
  SELECT DISTINCT
    c.event_id,
    c.event_time
  FROM changes AS c
  JOIN launches AS l
    ON c.event_time BETWEEN l.event_time - INTERVAL '7' DAY AND l.event_time
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM changes AS b
      WHERE
        b.principal_arn = c.principal_arn
        AND b.event_time < l.event_time - INTERVAL '7' DAY
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM launches
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
