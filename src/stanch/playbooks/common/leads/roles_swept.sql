-- Roles of many accounts within minutes, from a network that is new to the caller; whether or not they let him in.
WITH asked AS (
    SELECT event_id, event_time, account_id, principal_arn,
        split_part(coalesce(target_role, json_extract_string(request_parameters, '$.roleArn')), ':', 5) AS other
    FROM acts
    WHERE elsewhere AND event_source = 'sts.amazonaws.com' AND event_name IN ('AssumeRole', 'AssumeRoot')
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM asked a JOIN asked b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.other) >= 4
)
SELECT DISTINCT r.event_id
FROM asked r JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn
    AND r.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
