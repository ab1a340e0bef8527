-- An instance's or a person's new network is common; a key that works from two at once is not.
WITH calls AS (
    SELECT e.access_key_id, e.event_id, e.event_time, a.label, a.network
    FROM actor_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until AND e.access_key_id IS NOT NULL
      AND a.network <> ''
),
shown AS (
    SELECT DISTINCT s.event_id, s.event_time
    FROM calls s
    JOIN calls o ON o.access_key_id = s.access_key_id AND o.network <> s.network
        AND o.event_time BETWEEN s.event_time - INTERVAL 1 HOUR AND s.event_time + INTERVAL 1 HOUR
    WHERE s.label = 'foreign'
)
SELECT
    CASE WHEN NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown' WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes' ELSE 'no' END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
