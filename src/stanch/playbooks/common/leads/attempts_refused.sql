WITH refused AS (
    SELECT event_id, event_time, account_id, principal_arn, concat(event_source, ':', event_name) AS api
    FROM acts
    WHERE elsewhere AND (error_code LIKE '%AccessDenied%' OR error_code LIKE '%UnauthorizedOperation%')
      AND event_name IN (
        'CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'AttachUserPolicy', 'PutUserPolicy',
        'AttachRolePolicy', 'PutRolePolicy', 'AttachGroupPolicy', 'PutGroupPolicy', 'AddUserToGroup', 'CreatePolicyVersion',
        'SetDefaultPolicyVersion', 'UpdateAssumeRolePolicy', 'GetFederationToken', 'GetSecretValue', 'BatchGetSecretValue',
        'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'PutBucketPolicy', 'PutBucketAcl',
        'SendCommand', 'StartSession', 'UpdateFunctionCode20150331v2', 'AddPermission20150331v2', 'StopLogging', 'DeleteTrail',
        'PutKeyPolicy', 'ScheduleKeyDeletion', 'RunInstances', 'CreateFunction20150331', 'GetPasswordData', 'InvokeModel')
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM refused a JOIN refused b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.api) >= 2
)
SELECT DISTINCT r.event_id
FROM refused r JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn
    AND r.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 1 HOUR
