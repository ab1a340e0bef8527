-- Rules may read anything, also what the caller wrote; however many hit, they are one answer.
WITH shown AS (
    SELECT DISTINCT e.event_id, e.event_time
    FROM signals s JOIN actor_events e ON e.event_id = s.event_id
    WHERE s.level IN ('high', 'critical') AND e.event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM signals) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
