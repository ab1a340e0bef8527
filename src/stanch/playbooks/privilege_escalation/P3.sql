-- A policy that could not be read may say anything: then nobody knows.
WITH given AS (
    SELECT c.event_id, c.event_time, g.admin, g.iam, g.wildcard, g.readable
    FROM chain_events c JOIN grants g ON g.event_id = c.event_id
    WHERE c.event_time BETWEEN $since AND $until AND g.kind IN ('rights', 'policy')
),
shown AS (SELECT DISTINCT event_id, event_time FROM given WHERE admin OR iam OR wildcard)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        WHEN EXISTS (SELECT 1 FROM given WHERE NOT readable) THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM chain_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
