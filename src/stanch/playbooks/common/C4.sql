WITH denied AS (
    SELECT event_id, event_time, date_trunc('minute', event_time) AS minute, event_source || ':' || event_name AS api
    FROM actor_events
    WHERE event_time BETWEEN $since AND $until
      AND (error_code LIKE '%AccessDenied%' OR error_code LIKE '%UnauthorizedOperation%')
),
minutes AS (SELECT DISTINCT minute, api FROM denied),
bursts AS (
    SELECT a.minute
    FROM (SELECT DISTINCT minute FROM minutes) a
    JOIN minutes b ON b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.minute
    HAVING count(DISTINCT b.api) >= 5
),
shown AS (
    SELECT DISTINCT d.event_id, d.event_time
    FROM denied d JOIN bursts b ON d.minute >= b.minute AND d.minute < b.minute + INTERVAL 10 MINUTE
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM bursts) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
