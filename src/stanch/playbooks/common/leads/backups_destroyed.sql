-- What data comes back from: databases without a last snapshot, snapshots, backups, keys. Five within ten minutes.
WITH gone AS (
    SELECT event_id, event_time, account_id, principal_arn
    FROM acts
    WHERE error_code IS NULL AND (
        event_name IN (
            'DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteSnapshot', 'DeleteRecoveryPoint', 'DeleteBackupVault',
            'ScheduleKeyDeletion', 'DeleteBucket')
        OR (event_name IN ('DeleteDBInstance', 'DeleteDBCluster')
            AND json_extract_string(request_parameters, '$.skipFinalSnapshot') = 'true'))
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM gone a
    JOIN gone b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time, a.event_id
    HAVING count(DISTINCT b.event_id) >= 5
)
SELECT DISTINCT g.event_id
FROM gone g
JOIN bursts b ON b.account_id = g.account_id AND b.principal_arn = g.principal_arn
    AND g.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
