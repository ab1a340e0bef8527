-- Names tried one after the other: policies that AWS refuses because they name nobody, and roles that let nobody in.
WITH tried AS (
    SELECT event_id, event_time, account_id, principal_arn,
        coalesce(json_extract_string(request_parameters, '$.roleArn'), request_parameters) AS guess
    FROM acts
    WHERE (event_name IN ('UpdateAssumeRolePolicy', 'PutBucketPolicy', 'PutKeyPolicy', 'PutResourcePolicy', 'AddPermission20150331v2')
            AND error_code LIKE 'MalformedPolicy%')
       OR (event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRole' AND error_code LIKE '%AccessDenied%')
),
minutes AS (
    SELECT DISTINCT account_id, principal_arn, guess, date_trunc('minute', event_time) AS minute FROM tried
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.minute
    FROM (SELECT DISTINCT account_id, principal_arn, minute FROM minutes) a
    JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.minute
    HAVING count(DISTINCT b.guess) >= 5
)
SELECT DISTINCT t.event_id
FROM tried t JOIN bursts b ON b.account_id = t.account_id AND b.principal_arn = t.principal_arn
    AND t.event_time >= b.minute AND t.event_time < b.minute + INTERVAL 10 MINUTE
