-- Three users or more within ten minutes, whom the principal did not make.
WITH gone AS (
    SELECT event_id, event_time, account_id, principal_arn, event_source,
        nullif(json_extract_string(request_parameters, '$.userName'), '') AS target
    FROM acts
    WHERE error_code IS NULL AND event_source = 'iam.amazonaws.com' AND (
        event_name IN ('DeleteUser', 'DeleteLoginProfile', 'DeleteAccessKey', 'UpdateLoginProfile')
        OR (event_name = 'UpdateAccessKey' AND json_extract_string(request_parameters, '$.status') = 'Inactive'))
),
others AS (
    SELECT a.event_id, a.event_time, a.account_id, a.principal_arn, a.target
    FROM gone a
    WHERE a.target IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM makings m WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn
            AND m.event_source = a.event_source AND m.event_time <= a.event_time AND m.name = a.target)
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM others a JOIN others b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.target) >= 3
)
SELECT DISTINCT o.event_id
FROM others o JOIN bursts b ON b.account_id = o.account_id AND b.principal_arn = o.principal_arn
    AND o.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
