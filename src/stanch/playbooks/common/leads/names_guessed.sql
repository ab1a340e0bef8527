-- Names tried one after the other: policies that AWS refuses because they name nobody, and roles that let nobody in.
WITH tried AS (
    SELECT event_id, event_time, account_id, principal_arn, request_parameters
    FROM acts
    WHERE (event_name IN ('UpdateAssumeRolePolicy', 'PutBucketPolicy', 'PutKeyPolicy', 'PutResourcePolicy', 'AddPermission20150331v2')
            AND error_code LIKE 'MalformedPolicy%')
       OR (event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRole' AND error_code LIKE '%AccessDenied%')
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM tried a JOIN tried b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT coalesce(
        json_extract_string(b.request_parameters, '$.roleArn'), b.request_parameters)) >= 5
)
SELECT DISTINCT t.event_id
FROM tried t JOIN bursts b ON b.account_id = t.account_id AND b.principal_arn = t.principal_arn
    AND t.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
