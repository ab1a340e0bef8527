-- What costs a pipeline its excuse: the same session gave itself rights, or switched off what watches.
WITH calls AS (
    SELECT event_id, event_time, event_name, error_code
    FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
),
shown AS (
    SELECT c.event_id, c.event_time
    FROM calls c JOIN grants g ON g.event_id = c.event_id WHERE g.own AND g.kind <> 'credential'
    UNION
    SELECT event_id, event_time FROM calls
    WHERE error_code IS NULL AND event_name IN ('StopLogging', 'DeleteTrail', 'DeleteDetector', 'DisableSecurityHub', 'DeleteFlowLogs')
)
SELECT
    CASE WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes' ELSE 'no' END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
