-- The operator says what the role is for; its usual hour only narrows that.
WITH roles AS (
    SELECT arn FROM assets
    WHERE workload IN ('backup', 'etl', 'analytics') AND arn IN (SELECT arn FROM case_principals)
),
calls AS (
    SELECT DISTINCT event_id, event_time, CAST(extract(hour FROM event_time) AS VARCHAR) AS hour
    FROM actor_events
    WHERE scope = 'credential' AND event_source = 's3.amazonaws.com' AND event_time BETWEEN $since AND $until
),
odd AS (SELECT event_id FROM calls WHERE hour NOT IN (SELECT value FROM habits WHERE kind = 'hour' AND settled))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM roles) AND NOT EXISTS (SELECT 1 FROM odd) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM calls) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM calls) AS events
