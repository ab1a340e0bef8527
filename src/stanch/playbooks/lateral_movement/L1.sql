-- A chain is told by the keys: each role assumed issues the key that assumes the next.
WITH own AS (
    SELECT DISTINCT target_role FROM principal_events WHERE event_time >= $baseline AND event_time < $since
),
theirs AS (
    SELECT DISTINCT principal_arn, target_role FROM events
    WHERE target_role IS NOT NULL AND event_time >= $baseline AND event_time < $since
),
edges AS (
    SELECT
        c.event_id, c.event_time, c.depth, h.settled,
        o.target_role IS NOT NULL OR t.target_role IS NOT NULL AS seen
    FROM chain c
    LEFT JOIN choices h ON h.kind = 'role' AND h.value = c.target_role
    LEFT JOIN own o ON o.target_role = c.target_role
    LEFT JOIN theirs t ON t.principal_arn = c.principal_arn AND t.target_role = c.target_role
),
shown AS (SELECT DISTINCT event_id, event_time FROM edges WHERE depth >= 3 OR NOT seen)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
         AND EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND instance_id IS NOT NULL AND identity_name IS NULL)
            THEN 'no' -- CloudTrail is on, and the host's own credentials made no call
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM edges WHERE depth >= 3) THEN 'yes'
        WHEN EXISTS (SELECT 1 FROM edges WHERE NOT seen)
         AND EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM edges WHERE depth = 1 AND NOT coalesce(settled, FALSE)) THEN 'no'
        ELSE 'unknown'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
