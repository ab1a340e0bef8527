-- actor_events: what the case's own credentials did. $since and $until lie around the finding, never around now.
WITH calls AS (
    SELECT DISTINCT e.event_id, e.event_time, e.event_name, e.error_code, a.label
    FROM actor_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until
),
shown AS (
    SELECT event_id, event_time FROM calls
    WHERE label = 'foreign' AND error_code IS NULL
      AND event_name IN ('CreateAccessKey', 'CreateUser', 'CreateLoginProfile', 'GetSecretValue')
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
