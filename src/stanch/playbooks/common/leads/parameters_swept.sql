WITH reads AS (
    SELECT event_id, event_time, account_id, principal_arn,
        coalesce(json_array_length(json_extract(request_parameters, '$.names')), 10) AS names
    FROM acts
    WHERE event_source = 'ssm.amazonaws.com' AND event_name IN ('GetParameters', 'GetParametersByPath')
      AND json_extract_string(request_parameters, '$.withDecryption') = 'true'
),
listed AS (
    SELECT account_id, principal_arn, event_time FROM acts
    WHERE event_source = 'ssm.amazonaws.com' AND event_name = 'DescribeParameters'
),
bursts AS (
    SELECT a.event_id, a.account_id, a.principal_arn, a.event_time
    FROM reads a
    JOIN reads b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    WHERE EXISTS (
        SELECT 1 FROM listed l WHERE l.account_id = a.account_id AND l.principal_arn = a.principal_arn
            AND l.event_time BETWEEN a.event_time - INTERVAL 1 HOUR AND a.event_time + INTERVAL 10 MINUTE)
    GROUP BY a.event_id, a.account_id, a.principal_arn, a.event_time
    HAVING sum(b.names) >= 20
)
SELECT DISTINCT r.event_id
FROM reads r
JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn
    AND r.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
