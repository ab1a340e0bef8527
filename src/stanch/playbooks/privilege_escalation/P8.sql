-- Only keys of a kind that people carry about: long-term ones and sessions that a user made of his own key.
WITH made AS (
    SELECT event_id, event_time, issued_key_id
    FROM actor_events
    WHERE scope = 'credential' AND event_time BETWEEN $since AND $until AND issued_key_id IS NOT NULL
      AND event_name IN ('CreateAccessKey', 'GetSessionToken', 'GetFederationToken')
),
home AS (
    SELECT DISTINCT a.network
    FROM principal_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.event_time BETWEEN $baseline AND $until
),
uses AS (
    SELECT e.event_id, e.event_time, a.label, a.network
    FROM made m
    JOIN events e ON e.access_key_id = m.issued_key_id AND e.event_time BETWEEN m.event_time AND m.event_time + INTERVAL 24 HOUR
    JOIN addresses a ON a.ip = e.source_ip
),
shown AS (
    SELECT event_id, event_time FROM uses WHERE label = 'foreign' AND network NOT IN (SELECT network FROM home)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM uses) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
