-- What data comes back from, switched off, of what the principal did not make; single deeds of everyday life tell only
-- from a network that is new to whoever does them.
WITH weaker AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(coalesce(
            json_extract_string(request_parameters, '$.bucketName'), json_extract_string(request_parameters, '$.tableName'),
            json_extract_string(request_parameters, '$.dBInstanceIdentifier'),
            json_extract_string(request_parameters, '$.dBClusterIdentifier'),
            json_extract_string(request_parameters, '$.backupPlanId')), '') AS target
    FROM acts
    WHERE coalesce(error_code, '') NOT LIKE '%Throttl%' AND coalesce(error_code, '') NOT LIKE '%DryRun%' AND (
        (event_source = 's3.amazonaws.com' AND event_name = 'PutBucketVersioning'
            AND contains(replace(request_parameters, ' ', ''), '"Status":"Suspended"'))
        OR (event_source = 'backup.amazonaws.com' AND event_name IN ('DeleteBackupVaultLockConfiguration', 'DisassociateRecoveryPoint'))
        OR (event_source = 'ec2.amazonaws.com' AND event_name IN ('UnlockSnapshot', 'DisableEbsEncryptionByDefault'))
        OR (elsewhere AND (
            (event_source = 'backup.amazonaws.com' AND event_name IN ('DeleteBackupPlan', 'DeleteBackupSelection'))
            OR (event_source = 's3.amazonaws.com' AND event_name = 'DeleteBucketReplication')
            OR (event_source = 'dlm.amazonaws.com' AND event_name = 'DeleteLifecyclePolicy')
            OR (event_source = 'dynamodb.amazonaws.com' AND event_name = 'UpdateContinuousBackups'
                AND contains(replace(request_parameters, ' ', ''), '"pointInTimeRecoveryEnabled":false'))
            OR (event_source = 'rds.amazonaws.com' AND event_name IN ('ModifyDBInstance', 'ModifyDBCluster')
                AND (json_extract_string(request_parameters, '$.deletionProtection') = 'false'
                    OR json_extract_string(request_parameters, '$.backupRetentionPeriod') = '0')))))
)
SELECT a.event_id
FROM weaker a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
