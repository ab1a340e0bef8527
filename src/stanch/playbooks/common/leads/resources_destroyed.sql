-- Five stateful things, or all of many hosts, within ten minutes, which the principal did not make.
WITH gone AS (
    SELECT event_id, event_time, account_id, principal_arn, event_source,
        nullif(coalesce(
            json_extract_string(request_parameters, '$.tableName'), json_extract_string(request_parameters, '$.fileSystemId'),
            json_extract_string(request_parameters, '$.volumeId'), json_extract_string(request_parameters, '$.bucketName'),
            json_extract_string(request_parameters, '$.dBInstanceIdentifier'),
            json_extract_string(request_parameters, '$.dBClusterIdentifier'),
            json_extract_string(request_parameters, '$.instancesSet.items[0].instanceId'),
            json_extract_string(request_parameters, '$.repositoryName'), json_extract_string(request_parameters, '$.userPoolId'),
            json_extract_string(request_parameters, '$.clusterIdentifier'), json_extract_string(request_parameters, '$.functionName')
        ), '') AS target
    FROM acts
    WHERE error_code IS NULL AND event_name IN (
        'DeleteTable', 'DeleteFileSystem', 'DeleteVolume', 'DeleteBucket', 'DeleteDBInstance', 'DeleteDBCluster', 'TerminateInstances',
        'DeleteRepository', 'DeleteUserPool', 'DeleteCluster', 'DeleteFunction20150331')
),
others AS (
    SELECT a.event_id, a.event_time, a.account_id, a.principal_arn, a.target
    FROM gone a
    WHERE NOT EXISTS (
        SELECT 1 FROM makings m WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn
            AND m.event_source = a.event_source AND m.event_time <= a.event_time AND m.name = a.target)
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM others a JOIN others b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.target) >= 5
)
SELECT DISTINCT o.event_id
FROM others o JOIN bursts b ON b.account_id = o.account_id AND b.principal_arn = o.principal_arn
    AND o.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
UNION
SELECT event_id
FROM acts
WHERE elsewhere AND error_code IS NULL AND event_source = 'ec2.amazonaws.com' AND event_name = 'TerminateInstances'
  AND json_array_length(json_extract(request_parameters, '$.instancesSet.items')) >= 5
