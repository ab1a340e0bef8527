-- A role handed to a service and the service then set going by the same credentials. A function's call is only logged
-- where data events are on: a function that was made or changed and not seen running is not known.
WITH done AS (
    SELECT event_id, event_time, event_source, event_name
    FROM chain_events
    WHERE event_time BETWEEN $since AND $until AND error_code IS NULL
),
handed AS (
    SELECT d.event_id, d.event_time, d.event_source, d.event_name
    FROM done d
    WHERE d.event_id IN (SELECT event_id FROM grants WHERE kind = 'pass')
       OR d.event_name IN ('UpdateFunctionCode20150331v2', 'UpdateDevEndpoint', 'UpdateNotebookInstance')
       OR (d.event_name = 'ModifyInstanceAttribute' AND d.event_id IN (
            SELECT event_id FROM chain_events
            WHERE json_extract_string(request_parameters, '$.userData') IS NOT NULL))
),
started AS (
    SELECT h.event_id AS first_id, h.event_time AS first_time, d.event_id AS then_id, d.event_time AS then_time
    FROM handed h JOIN done d ON d.event_source = h.event_source AND d.event_time >= h.event_time
        AND d.event_time <= h.event_time + INTERVAL 24 HOUR
        AND d.event_name IN (
            'Invoke', 'AddPermission20150331v2', 'CreateEventSourceMapping20150331', 'StartBuild', 'StartBuildBatch',
            'RunTask', 'StartTask', 'StartJobRun', 'CreateTrigger', 'ActivatePipeline', 'ExecuteChangeSet',
            'CreateStackInstances', 'StartInstances', 'StartNotebookInstance', 'InvokeCodeInterpreter'
        )
),
shown AS (
    SELECT first_id AS event_id, first_time AS event_time FROM started
    UNION SELECT then_id, then_time FROM started
)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        WHEN EXISTS (SELECT 1 FROM handed WHERE event_source = 'lambda.amazonaws.com')
            AND NOT EXISTS (SELECT 1 FROM events WHERE event_source = 'lambda.amazonaws.com' AND event_name = 'Invoke')
            THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM done) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
