WITH fetched AS (
    SELECT event_id, event_time, account_id, principal_arn,
        coalesce(json_extract_string(request_parameters, '$.functionName'),
            json_extract_string(request_parameters, '$.repositoryName')) AS what
    FROM acts
    WHERE elsewhere AND error_code IS NULL AND (
        (event_source = 'lambda.amazonaws.com' AND event_name LIKE 'GetFunction2%')
        OR (event_source = 'ecr.amazonaws.com' AND event_name IN ('BatchGetImage', 'GetDownloadUrlForLayer')))
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM fetched a JOIN fetched b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.what) >= 8
)
SELECT DISTINCT f.event_id
FROM fetched f JOIN bursts b ON b.account_id = f.account_id AND b.principal_arn = f.principal_arn
    AND f.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
