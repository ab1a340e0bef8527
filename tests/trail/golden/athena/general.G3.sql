-- values: baseline, until, desk, desk, desk, desk, since, until, baseline, since, since, until
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
), pipelines AS (
  SELECT
    role,
    provider,
    subject,
    networks
  FROM desk_pipelines
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
), acts AS (
  SELECT DISTINCT
    event_id,
    event_time,
    CASE
      WHEN event_name IN ('DeleteSnapshot', 'DeregisterImage')
      THEN 'host'
      WHEN event_name IN ('DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteDBInstanceAutomatedBackup')
      THEN 'database'
      WHEN event_name IN ('DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan')
      THEN 'backup'
      WHEN event_name IN ('ScheduleKeyDeletion', 'DisableKey')
      THEN 'key'
    END AS kind
  FROM actor_events
  WHERE
    scope = 'credential'
    AND error_code IS NULL
    AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND NOT principal_arn IN (
      SELECT
        role
      FROM pipelines
    )
), before AS (
  SELECT
    COUNT(DISTINCT event_date) AS days
  FROM principal_events
  WHERE
    event_time >= CAST(? AS TIMESTAMP)
    AND event_time < CAST(? AS TIMESTAMP)
    AND error_code IS NULL
    AND event_name IN (
      'DeleteSnapshot',
      'DeregisterImage',
      'DeleteDBSnapshot',
      'DeleteDBClusterSnapshot',
      'DeleteDBInstanceAutomatedBackup',
      'DeleteRecoveryPoint',
      'DeleteBackupVault',
      'DeleteBackupPlan',
      'ScheduleKeyDeletion',
      'DisableKey'
    )
), shown AS (
  SELECT
    event_id,
    event_time
  FROM acts
  WHERE
    NOT kind IS NULL
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
    WHEN (
      SELECT
        COUNT(DISTINCT kind)
      FROM acts
    ) < 2
    THEN 'no'
    WHEN (
      SELECT
        days
      FROM before
    ) > 0
    THEN 'no'
    ELSE 'yes'
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
