-- Denied or not: nobody asks for the passwords or the start-up data of many instances by chance.
WITH asked AS (
    SELECT event_id, event_time, account_id, principal_arn, json_extract_string(request_parameters, '$.instanceId') AS instance
    FROM acts
    WHERE event_source = 'ec2.amazonaws.com' AND (
        event_name IN ('GetPasswordData', 'GetConsoleOutput', 'GetConsoleScreenshot', 'GetLaunchTemplateData')
        OR (event_name = 'DescribeInstanceAttribute' AND json_extract_string(request_parameters, '$.attribute') = 'userData'))
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM asked a
    JOIN asked b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.instance) >= 5
)
SELECT DISTINCT r.event_id
FROM asked r
JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn
    AND r.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
