-- Ways onto a host, or into its disk, that leave the network out. A snapshot counts once its copy is attached.
WITH doors AS (
    SELECT DISTINCT event_id, event_time, event_source || ':' || event_name AS api
    FROM actor_events
    WHERE scope = 'credential' AND error_code IS NULL AND event_time BETWEEN $since AND $until
      AND (
        (event_source = 'ssm.amazonaws.com' AND event_name IN ('StartSession', 'ResumeSession', 'SendCommand',
            'StartAutomationExecution', 'CreateAssociation'))
        OR (event_source = 'ec2-instance-connect.amazonaws.com' AND event_name IN ('SendSSHPublicKey',
            'SendSerialConsoleSSHPublicKey', 'OpenTunnel'))
        OR (event_source = 'ecs.amazonaws.com' AND event_name = 'ExecuteCommand')
        OR (event_source = 'ec2.amazonaws.com' AND event_name = 'AttachVolume' AND EXISTS (
            SELECT 1 FROM actor_events c
            WHERE c.event_name = 'CreateVolume' AND c.error_code IS NULL AND c.event_time BETWEEN $since AND $until
              AND json_extract_string(c.request_parameters, '$.snapshotId') IS NOT NULL))
      )
),
before AS (
    SELECT DISTINCT event_source || ':' || event_name AS api FROM principal_events
    WHERE event_time >= $baseline AND event_time < $since
),
shown AS (SELECT event_id, event_time FROM doors WHERE api NOT IN (SELECT api FROM before))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
         AND EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND instance_id IS NOT NULL AND identity_name IS NULL)
            THEN 'no' -- CloudTrail is on, and the host's own credentials made no call
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM doors) THEN 'no'
        WHEN NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        WHEN EXISTS (
            SELECT 1 FROM doors WHERE api NOT IN (SELECT value FROM habits WHERE kind = 'api' AND settled)) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
