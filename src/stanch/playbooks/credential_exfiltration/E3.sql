-- Overlap, not sequence: a host that moves to another address is not two hosts. One family of addresses at a time,
-- as a host with both IPv4 and IPv6 uses both at once.
WITH uses AS (
    SELECT e.access_key_id, e.source_ip, min(e.event_time) AS first, max(e.event_time) AS last
    FROM actor_events e
    WHERE e.scope = 'credential' AND e.access_key_id IS NOT NULL AND e.event_time BETWEEN $since AND $until
    GROUP BY e.access_key_id, e.source_ip
),
placed AS (
    SELECT u.*, a.label, a.network, contains(a.ip, ':') AS six
    FROM uses u JOIN addresses a ON a.ip = u.source_ip
    WHERE a.label <> 'service'
),
strange AS (
    SELECT DISTINCT p.access_key_id, p.source_ip
    FROM placed p JOIN placed q
      ON q.access_key_id = p.access_key_id AND q.network <> p.network AND q.six = p.six
     AND p.first <= q.last AND q.first <= p.last
    WHERE p.label = 'foreign'
),
shown AS (
    SELECT DISTINCT e.event_id, e.event_time
    FROM actor_events e JOIN strange s ON s.access_key_id = e.access_key_id AND s.source_ip = e.source_ip
    WHERE e.event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM placed) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM strange) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
