WITH changed AS (
    SELECT event_id, event_time, account_id, principal_arn, json_extract_string(request_parameters, '$.instanceId') AS instance
    FROM acts
    WHERE error_code IS NULL AND event_source = 'ec2.amazonaws.com' AND event_name = 'ModifyInstanceAttribute'
      AND json_extract_string(request_parameters, '$.userData') IS NOT NULL
),
restarted AS (
    SELECT event_id, event_time, account_id, principal_arn, request_parameters
    FROM acts
    WHERE error_code IS NULL AND event_source = 'ec2.amazonaws.com' AND event_name IN ('StopInstances', 'StartInstances', 'RebootInstances')
),
pairs AS (
    SELECT c.event_id AS changing, r.event_id AS restarting
    FROM changed c
    JOIN restarted r ON r.account_id = c.account_id AND r.principal_arn = c.principal_arn
        AND contains(r.request_parameters, c.instance)
        AND r.event_time BETWEEN c.event_time - INTERVAL 24 HOUR AND c.event_time + INTERVAL 24 HOUR
)
SELECT changing AS event_id FROM pairs UNION SELECT restarting FROM pairs
UNION
SELECT event_id
FROM acts
WHERE elsewhere AND error_code IS NULL AND event_source = 'ec2.amazonaws.com' AND event_name = 'CreateLaunchTemplateVersion'
  AND regexp_matches(request_parameters, '(?i)"userData"')
