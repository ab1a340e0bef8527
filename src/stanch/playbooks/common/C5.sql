WITH looks AS (
    SELECT event_id, event_time, date_trunc('minute', event_time) AS minute, event_source
    FROM actor_events
    WHERE event_time BETWEEN $since AND $until
      AND (event_name LIKE 'List%' OR event_name LIKE 'Describe%' OR event_name LIKE 'Get%')
),
minutes AS (SELECT DISTINCT minute, event_source FROM looks),
bursts AS (
    SELECT a.minute
    FROM (SELECT DISTINCT minute FROM minutes) a
    JOIN minutes b ON b.minute >= a.minute AND b.minute < a.minute + INTERVAL 15 MINUTE
    GROUP BY a.minute
    HAVING count(DISTINCT b.event_source) >= 6
),
shown AS (
    SELECT DISTINCT l.event_id, l.event_time
    FROM looks l JOIN bursts b ON l.minute >= b.minute AND l.minute < b.minute + INTERVAL 15 MINUTE
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM bursts) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
