-- Many objects within minutes, out of buckets that the principal did not make.
WITH gone AS (
    SELECT event_id, event_time, account_id, principal_arn, event_name,
        nullif(json_extract_string(request_parameters, '$.bucketName'), '') AS target
    FROM acts
    WHERE error_code IS NULL AND event_source = 's3.amazonaws.com' AND event_name IN ('DeleteObject', 'DeleteObjects') AND NOT habit
),
minutes AS (
    SELECT account_id, principal_arn, target, date_trunc('minute', event_time) AS minute,
        sum(CASE WHEN event_name = 'DeleteObjects' THEN 10 ELSE 1 END) AS n
    FROM gone
    GROUP BY account_id, principal_arn, target, date_trunc('minute', event_time)
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.target, a.minute
    FROM minutes a JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn AND b.target = a.target
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    WHERE NOT EXISTS (
        SELECT 1 FROM makings m WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn
            AND m.event_source = 's3.amazonaws.com' AND m.name = a.target)
    GROUP BY a.account_id, a.principal_arn, a.target, a.minute
    HAVING sum(b.n) >= 30
)
SELECT DISTINCT g.event_id
FROM gone g JOIN bursts b ON b.account_id = g.account_id AND b.principal_arn = g.principal_arn AND b.target = g.target
    AND g.event_time >= b.minute AND g.event_time < b.minute + INTERVAL 10 MINUTE
