-- values: baseline, until, desk, desk, desk, desk, desk, baseline, until, account, since, until
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
), accounts AS (
  SELECT
    id
  FROM desk_accounts
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
), partner_accounts AS (
  SELECT
    id
  FROM desk_partner_accounts
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
), shares AS (
  SELECT
    e.event_id,
    e.event_time,
    e.event_name,
    e.event_time >= p.since AS recent,
    COALESCE(
      e.bucket,
      JSON_EXTRACT_SCALAR(e.request_parameters, '$.snapshotId'),
      JSON_EXTRACT_SCALAR(e.request_parameters, '$.imageId'),
      JSON_EXTRACT_SCALAR(e.request_parameters, '$.dBSnapshotIdentifier'),
      JSON_EXTRACT_SCALAR(e.request_parameters, '$.dBClusterSnapshotIdentifier')
    ) AS what,
    COALESCE(
      JSON_FORMAT(JSON_EXTRACT(e.request_parameters, '$.createVolumePermission.add')),
      JSON_FORMAT(JSON_EXTRACT(e.request_parameters, '$.launchPermission.add')),
      JSON_FORMAT(JSON_EXTRACT(e.request_parameters, '$.bucketPolicy')),
      JSON_FORMAT(JSON_EXTRACT(e.request_parameters, '$.ReplicationConfiguration')),
      JSON_FORMAT(JSON_EXTRACT(e.request_parameters, '$.valuesToAdd')),
      ''
    ) AS given
  FROM events AS e
  CROSS JOIN period AS p
  WHERE
    e.error_code IS NULL
    AND e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND e.event_name IN (
      'ModifySnapshotAttribute',
      'ModifyImageAttribute',
      'ModifyDBSnapshotAttribute',
      'ModifyDBClusterSnapshotAttribute',
      'PutBucketPolicy',
      'PutBucketReplication'
    )
), receivers AS (
  SELECT
    s.event_id,
    s.event_time,
    s.event_name,
    s.recent,
    s.what,
    x.account
  FROM shares AS s
  CROSS JOIN UNNEST(REGEXP_EXTRACT_ALL(s.given, '\b[0-9]{12}\b')) AS x(account)
  WHERE
    s.event_name <> 'PutBucketPolicy' OR STRPOS(s.given, '"Allow"') > 0
), new AS (
  SELECT DISTINCT
    r.event_id,
    r.event_time,
    r.account
  FROM receivers AS r
  WHERE
    r.recent
    AND r.event_id IN (
      SELECT
        event_id
      FROM actor_events
    )
    AND r.account <> ?
    AND NOT r.account IN (
      SELECT
        id
      FROM partner_accounts
    )
    AND NOT EXISTS(
      SELECT
        1
      FROM receivers AS b
      WHERE
        NOT b.recent
        AND b.event_name = r.event_name
        AND b.what = r.what
        AND b.account = r.account
    )
), shown AS (
  SELECT DISTINCT
    event_id,
    event_time
  FROM new
  WHERE
    NOT account IN (
      SELECT
        id
      FROM accounts
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM actor_events
      WHERE
        event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    )
    THEN 'unknown'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM new
    )
    THEN 'no'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM accounts
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
