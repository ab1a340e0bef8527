WITH calls AS (
    SELECT DISTINCT e.event_id, e.event_time, e.vpc_endpoint_id
    FROM actor_events e JOIN case_findings f ON f.caller_ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until
),
outside AS (
    SELECT event_id FROM calls
    WHERE vpc_endpoint_id IS NULL OR vpc_endpoint_id NOT IN (SELECT id FROM vpc_endpoints)
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM outside) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM calls
