-- AWS marks what an instance's metadata service handed out. Its own ways out, the operator's ranges and whence it has
-- called before are no stranger's.
WITH calls AS (
    SELECT DISTINCT e.event_id, e.event_time, a.label, a.network
    FROM actor_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until AND a.network <> ''
      AND json_extract_string(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
),
before AS (
    SELECT DISTINCT a.network
    FROM principal_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.event_time >= $baseline AND e.event_time < $since AND a.network <> ''
),
shown AS (
    SELECT event_id, event_time FROM calls WHERE label = 'foreign' AND network NOT IN (SELECT network FROM before)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM calls) OR NOT EXISTS (SELECT 1 FROM before) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
