-- Backups of two kinds at least: snapshots and images of hosts, of databases, recovery points, keys. Whoever tidies up
-- every week is known by it, and what a declared pipeline takes down is C8's matter.
WITH acts AS (
    SELECT DISTINCT
        event_id, event_time,
        CASE
            WHEN event_name IN ('DeleteSnapshot', 'DeregisterImage') THEN 'host'
            WHEN event_name IN ('DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteDBInstanceAutomatedBackup') THEN 'database'
            WHEN event_name IN ('DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan') THEN 'backup'
            WHEN event_name IN ('ScheduleKeyDeletion', 'DisableKey') THEN 'key'
        END AS kind
    FROM actor_events
    WHERE scope = 'credential' AND error_code IS NULL AND event_time BETWEEN $since AND $until
      AND principal_arn NOT IN (SELECT role FROM pipelines)
),
before AS (
    SELECT count(DISTINCT event_date) AS days
    FROM principal_events
    WHERE event_time >= $baseline AND event_time < $since AND error_code IS NULL
      AND event_name IN (
        'DeleteSnapshot', 'DeregisterImage', 'DeleteDBSnapshot', 'DeleteDBClusterSnapshot',
        'DeleteDBInstanceAutomatedBackup', 'DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan',
        'ScheduleKeyDeletion', 'DisableKey')
),
shown AS (SELECT event_id, event_time FROM acts WHERE kind IS NOT NULL)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'unknown'
        WHEN (SELECT count(DISTINCT kind) FROM acts) < 2 THEN 'no'
        WHEN (SELECT days FROM before) > 0 THEN 'no'
        ELSE 'yes'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
