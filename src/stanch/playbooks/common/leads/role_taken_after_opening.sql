WITH opened AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(json_extract_string(request_parameters, '$.roleName'), '') AS target
    FROM acts
    WHERE error_code IS NULL AND event_source = 'iam.amazonaws.com' AND event_name = 'UpdateAssumeRolePolicy'
),
taken AS (
    SELECT event_id, account_id, principal_arn, event_time,
        regexp_extract(coalesce(target_role, json_extract_string(request_parameters, '$.roleArn')), '[^/]+$') AS role_name
    FROM acts
    WHERE error_code IS NULL AND event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRole'
),
pairs AS (
    SELECT a.event_id AS opening, t.event_id AS taking
    FROM opened a
    JOIN taken t ON t.account_id = a.account_id AND t.principal_arn = a.principal_arn AND t.role_name = a.target
        AND t.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 24 HOUR
    WHERE NOT EXISTS (
        SELECT 1 FROM makings m
        WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
          AND m.event_time <= a.event_time AND m.name = a.target)
)
SELECT opening AS event_id FROM pairs UNION SELECT taking FROM pairs
