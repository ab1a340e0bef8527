-- To itself; or to a role that its credentials then assumed; or a key for another that is used from its own address, or
-- from its own network where that is a stranger's: many colleagues share the operator's own.
WITH given AS (
    SELECT c.event_id, c.event_time, c.source_ip, c.issued_key_id, g.kind, g.holder, g.target, g.own
    FROM chain_events c JOIN grants g ON g.event_id = c.event_id
    WHERE c.event_time BETWEEN $since AND $until
),
shown AS (
    SELECT event_id, event_time FROM given WHERE own AND kind IN ('rights', 'group')
    UNION
    SELECT g.event_id, g.event_time
    FROM given g JOIN chain_events c ON g.holder = 'role' AND g.kind IN ('rights', 'trust')
        AND c.event_name = 'AssumeRole' AND c.error_code IS NULL
        AND (split_part(c.target_role, ':role/', 2) = g.target OR c.target_role LIKE '%/' || g.target)
        AND c.event_time BETWEEN g.event_time - INTERVAL 1 HOUR AND g.event_time + INTERVAL 1 HOUR
    WHERE g.target <> ''
    UNION
    SELECT g.event_id, g.event_time
    FROM given g JOIN events e ON g.kind = 'credential' AND NOT g.own AND e.access_key_id = g.issued_key_id
        AND e.event_time BETWEEN g.event_time AND g.event_time + INTERVAL 24 HOUR
    LEFT JOIN addresses a ON a.ip = g.source_ip
    LEFT JOIN addresses b ON b.ip = e.source_ip
    WHERE e.source_ip = g.source_ip OR (a.label = 'foreign' AND b.label = 'foreign' AND a.network = b.network)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM chain_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
