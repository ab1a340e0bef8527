-- values: baseline, until, desk, desk, desk, since, until
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
), done AS (
  SELECT
    event_id,
    event_time,
    event_source,
    event_name
  FROM chain_events
  WHERE
    event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND error_code IS NULL
), handed AS (
  SELECT
    d.event_id,
    d.event_time,
    d.event_source,
    d.event_name
  FROM done AS d
  WHERE
    d.event_id IN (
      SELECT
        event_id
      FROM grants
      WHERE
        kind = 'pass'
    )
    OR d.event_name IN ('UpdateFunctionCode20150331v2', 'UpdateDevEndpoint', 'UpdateNotebookInstance')
    OR (
      d.event_name = 'ModifyInstanceAttribute'
      AND d.event_id IN (
        SELECT
          event_id
        FROM events
        WHERE
          NOT JSON_EXTRACT_SCALAR(request_parameters, '$.userData') IS NULL
      )
    )
), started AS (
  SELECT
    h.event_id AS first_id,
    h.event_time AS first_time,
    d.event_id AS then_id,
    d.event_time AS then_time
  FROM handed AS h
  JOIN done AS d
    ON d.event_source = h.event_source
    AND d.event_time >= h.event_time
    AND d.event_time <= h.event_time + INTERVAL '24' HOUR
    AND d.event_name IN (
      'Invoke',
      'AddPermission20150331v2',
      'CreateEventSourceMapping20150331',
      'StartBuild',
      'StartBuildBatch',
      'RunTask',
      'StartTask',
      'StartJobRun',
      'CreateTrigger',
      'ActivatePipeline',
      'ExecuteChangeSet',
      'CreateStackInstances',
      'StartInstances',
      'StartNotebookInstance',
      'InvokeCodeInterpreter'
    )
), shown AS (
  SELECT
    first_id AS event_id,
    first_time AS event_time
  FROM started
  UNION
  SELECT
    then_id,
    then_time
  FROM started
)
SELECT
  CASE
    WHEN EXISTS(
      SELECT
        1
      FROM shown
    )
    THEN 'yes'
    WHEN EXISTS(
      SELECT
        1
      FROM handed
      WHERE
        event_source = 'lambda.amazonaws.com'
    )
    AND NOT EXISTS(
      SELECT
        1
      FROM events
      WHERE
        event_source = 'lambda.amazonaws.com' AND event_name = 'Invoke'
    )
    THEN 'unknown'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM done
    )
    THEN 'unknown'
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
