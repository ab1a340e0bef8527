-- A row of hosts entered one after the other; one or two are an engineer at work.
WITH doors AS (
    SELECT DISTINCT
        event_id, event_time,
        coalesce(json_extract_string(request_parameters, '$.target'), json_extract_string(request_parameters, '$.instanceId'))
            AS host
    FROM actor_events
    WHERE scope = 'credential' AND error_code IS NULL AND event_time BETWEEN $since AND $until
      AND event_name IN ('StartSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey')
      AND event_source IN ('ssm.amazonaws.com', 'ec2-instance-connect.amazonaws.com')
),
before AS (
    SELECT event_date, count(DISTINCT coalesce(
        json_extract_string(request_parameters, '$.target'), json_extract_string(request_parameters, '$.instanceId'))) AS hosts
    FROM clean_events
    WHERE error_code IS NULL AND event_name IN ('StartSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey')
    GROUP BY event_date
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN count(DISTINCT host) >= 4 AND count(DISTINCT host) > 2 * (SELECT coalesce(max(hosts), 0) FROM before) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(DISTINCT host) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM doors
