-- To the whole world, or by a new password for its master, of a database that the principal did not make.
WITH changed AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source, elsewhere, request_parameters,
        nullif(coalesce(
            json_extract_string(request_parameters, '$.dBInstanceIdentifier'),
            json_extract_string(request_parameters, '$.dBClusterIdentifier'),
            json_extract_string(request_parameters, '$.clusterIdentifier')), '') AS target
    FROM acts
    WHERE error_code IS NULL AND event_source IN ('rds.amazonaws.com', 'redshift.amazonaws.com') AND event_name IN (
        'ModifyDBInstance', 'ModifyDBCluster', 'ModifyCluster', 'RestoreDBInstanceFromDBSnapshot',
        'RestoreDBInstanceToPointInTime', 'RestoreFromClusterSnapshot')
)
SELECT a.event_id
FROM changed a
WHERE (json_extract_string(a.request_parameters, '$.publiclyAccessible') = 'true'
    OR (a.elsewhere AND (json_extract_string(a.request_parameters, '$.masterUserPassword') IS NOT NULL
        OR json_extract_string(a.request_parameters, '$.masterUserSecret') IS NOT NULL)))
  AND NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
