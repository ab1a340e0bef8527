-- A program stays where it was installed: its long-term key comes from at most three networks, one of them settled, with
-- no second factor and no sign-in to the console. A person's key travels, and then nothing is said here.
WITH calls AS (
    SELECT DISTINCT e.event_id, e.event_time, a.label, a.network
    FROM actor_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until AND e.actor_type = 'IAMUser'
      AND e.access_key_id LIKE 'AKIA%' AND a.network <> ''
),
before AS (
    SELECT a.network, coalesce(e.mfa, FALSE) OR e.event_name = 'ConsoleLogin' AS person
    FROM clean_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE a.network <> ''
),
shown AS (
    SELECT event_id, event_time FROM calls WHERE label = 'foreign' AND network NOT IN (SELECT network FROM before)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM calls) OR NOT EXISTS (SELECT 1 FROM profiles WHERE established)
          OR NOT EXISTS (SELECT 1 FROM places WHERE kind = 'network' AND settled) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM before WHERE person) OR (SELECT count(DISTINCT network) FROM before) > 3 THEN 'no'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
