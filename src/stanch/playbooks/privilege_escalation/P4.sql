-- The same calls on at least two earlier days; once may have been the first step.
WITH changes AS (
    SELECT DISTINCT c.event_source, c.event_name
    FROM chain_events c JOIN privesc_paths p ON p.event_source = c.event_source AND p.event_name = c.event_name
    WHERE c.event_time BETWEEN $since AND $until AND c.error_code IS NULL AND p.path <> 'sts-001'
),
before AS (
    SELECT e.event_id, e.event_time, e.event_date
    FROM principal_events e JOIN changes c ON c.event_source = e.event_source AND c.event_name = e.event_name
    WHERE e.event_time >= $baseline AND e.event_time < $since AND e.error_code IS NULL
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM changes) THEN 'unknown'
        WHEN (SELECT count(DISTINCT event_date) FROM before) >= 2 THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM principal_events WHERE event_time >= $baseline AND event_time < $since) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM before) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM before) AS events
