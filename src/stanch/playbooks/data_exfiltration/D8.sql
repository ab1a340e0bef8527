-- The operator says what the role is for and which addresses are his; the hour only narrows that.
WITH roles AS (
    SELECT arn FROM assets
    WHERE workload IN ('backup', 'etl', 'analytics') AND arn IN (SELECT arn FROM case_principals)
),
calls AS (
    SELECT DISTINCT
        e.event_id, e.event_time, CAST(extract(hour FROM e.event_time) AS VARCHAR) AS hour,
        coalesce(a.label IN ('vpn', 'office', 'ci', 'egress', 'instance'), FALSE) OR v.id IS NOT NULL AS own
    FROM actor_events e
    LEFT JOIN addresses a ON a.ip = e.source_ip
    LEFT JOIN vpc_endpoints v ON v.id = e.vpc_endpoint_id
    WHERE e.scope = 'credential' AND e.event_source = 's3.amazonaws.com' AND e.event_time BETWEEN $since AND $until
),
odd AS (
    SELECT event_id FROM calls
    WHERE NOT own OR hour NOT IN (SELECT value FROM habits WHERE kind = 'hour' AND settled)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM roles) AND NOT EXISTS (SELECT 1 FROM odd) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM calls) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM calls) AS events
