-- New means never seen: not by the principal on any day before the case, nor by two or more of its established peers.
WITH now AS (
    SELECT DISTINCT event_id, event_time, event_source || ':' || event_name AS api
    FROM actor_events
    WHERE scope = 'credential' AND error_code IS NULL AND event_time BETWEEN $since AND $until
),
before AS (
    SELECT DISTINCT event_source || ':' || event_name AS api
    FROM principal_events
    WHERE event_time >= $baseline AND event_time < $since
),
new AS (
    SELECT event_id, event_time FROM now
    WHERE api NOT IN (SELECT api FROM before) AND api NOT IN (SELECT api FROM peer_habits WHERE peers >= 2)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM now) OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM new) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM new) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM new) AS events
