WITH calls AS (
    SELECT DISTINCT e.event_id, e.event_time, e.vpc_endpoint_id
    FROM actor_events e JOIN case_findings f ON f.caller_ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN count(*) FILTER (WHERE vpc_endpoint_id IN (SELECT id FROM vpc_endpoints)) = count(*) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM calls
