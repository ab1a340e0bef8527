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
), assets AS (
  SELECT
    arn,
    tier,
    stateful,
    workload,
    data
  FROM desk_assets
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
), changes AS (
  SELECT DISTINCT
    event_id,
    event_time,
    event_name,
    COALESCE(bucket, '') AS bucket,
    REPLACE(
      CONCAT(
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$.bucketPolicy')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$.AccessControlPolicy')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$["x-amz-acl"]')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$["x-amz-grant-read"]')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$["x-amz-grant-write"]')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$["x-amz-grant-full-control"]')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$.createVolumePermission.add')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$.launchPermission.add')), '') AS VARCHAR),
        CAST(COALESCE(JSON_FORMAT(JSON_EXTRACT(request_parameters, '$.valuesToAdd')), '') AS VARCHAR)
      ),
      ' ',
      ''
    ) AS said
  FROM actor_events
  WHERE
    error_code IS NULL
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND event_name IN (
      'PutBucketPolicy',
      'PutBucketAcl',
      'ModifySnapshotAttribute',
      'ModifyImageAttribute',
      'ModifyDBSnapshotAttribute',
      'ModifyDBClusterSnapshotAttribute'
    )
), judged AS (
  SELECT
    event_id,
    event_time,
    CASE
      WHEN CONCAT(CAST('arn:aws:s3:::' AS VARCHAR), CAST(bucket AS VARCHAR)) IN (
        SELECT
          arn
        FROM assets
        WHERE
          workload = 'public-website' OR data = 'public'
      )
      THEN 'no'
      WHEN event_name = 'PutBucketPolicy'
      AND STRPOS(said, '"Allow"') > 0
      AND (
        STRPOS(said, '"Principal":"*"') > 0
        OR STRPOS(said, '"AWS":"*"') > 0
        OR STRPOS(said, '"AWS":["*"]') > 0
      )
      THEN CASE WHEN STRPOS(said, '"Condition"') > 0 THEN 'unknown' ELSE 'yes' END
      WHEN event_name = 'PutBucketAcl'
      AND REGEXP_LIKE(said, 'global/(AllUsers|AuthenticatedUsers)|public-read')
      THEN 'yes'
      WHEN event_name IN ('ModifySnapshotAttribute', 'ModifyImageAttribute')
      AND STRPOS(said, '"group":"all"') > 0
      THEN 'yes'
      WHEN event_name LIKE 'ModifyDB%' AND STRPOS(said, '"all"') > 0
      THEN 'yes'
      ELSE 'no'
    END AS public
  FROM changes
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
    WHEN COUNT(*) FILTER(WHERE
      public = 'yes') > 0
    THEN 'yes'
    WHEN COUNT(*) FILTER(WHERE
      public = 'unknown') > 0
    THEN 'unknown'
    ELSE 'no'
  END AS answer,
  COUNT(*) FILTER(WHERE
    public = 'yes') AS n,
  JSON_FORMAT(
    CAST(SLICE(
      ARRAY_AGG(event_id ORDER BY event_time, event_id) FILTER(WHERE
        public = 'yes'),
      1,
      20
    ) AS JSON)
  ) AS events
FROM judged
