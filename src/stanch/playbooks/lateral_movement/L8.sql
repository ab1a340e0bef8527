-- Two hosts' credentials from one address: the address is the second host's, unless both always leave by it (a NAT).
WITH mine AS (
    SELECT DISTINCT event_id, event_time, source_ip, principal_id
    FROM actor_events
    WHERE scope = 'credential' AND json_extract_string(user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
      AND source_ip_hex IS NOT NULL
),
now AS (SELECT * FROM mine WHERE event_time BETWEEN $since AND $until),
before AS (
    SELECT source_ip, count(DISTINCT CAST(event_time AS DATE)) AS days FROM mine
    WHERE event_time >= $baseline AND event_time < $since
    GROUP BY source_ip
),
fresh AS (SELECT DISTINCT source_ip FROM now WHERE source_ip NOT IN (SELECT source_ip FROM before)),
others AS (
    SELECT DISTINCT o.source_ip, split_part(o.principal_id, ':', 2) AS host
    FROM events o JOIN fresh f ON f.source_ip = o.source_ip
    WHERE o.principal_id LIKE '%:i-%' AND o.event_time BETWEEN $baseline AND $until
      AND json_extract_string(o.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
),
strange AS (
    SELECT DISTINCT n.event_id, n.event_time, n.source_ip
    FROM now n
    WHERE n.source_ip IN (SELECT source_ip FROM fresh)
      AND (
        EXISTS (
            SELECT 1 FROM others o
            WHERE o.source_ip = n.source_ip AND o.host <> split_part(n.principal_id, ':', 2))
        OR n.source_ip IN (
            SELECT h.ip FROM hosts h WHERE h.instance_id <> split_part(n.principal_id, ':', 2))
      )
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM now)
         AND EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND instance_id IS NOT NULL AND identity_name IS NULL)
            THEN 'no' -- CloudTrail is on, and the host's own credentials made no call
        WHEN NOT EXISTS (SELECT 1 FROM now) OR NOT EXISTS (SELECT 1 FROM before) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM strange) THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM now WHERE source_ip NOT IN (SELECT source_ip FROM before WHERE days >= 3))
            THEN 'no'
        ELSE 'unknown'
    END AS answer,
    (SELECT count(*) FROM strange) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM strange) AS events
