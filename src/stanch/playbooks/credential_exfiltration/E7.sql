-- Whoever reads credentials through a web server on the instance must talk to it first.
WITH callers AS (
    SELECT DISTINCT a.network
    FROM case_findings f JOIN addresses a ON a.ip = f.caller_ip
    WHERE a.label = 'foreign'
),
first_use AS (
    SELECT min(e.event_time) AS time
    FROM actor_events e JOIN addresses a ON a.ip = e.source_ip JOIN callers c ON c.network = a.network
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until
),
visits AS (
    SELECT f.event_time
    FROM case_flows f CROSS JOIN first_use u
    JOIN callers c ON c.network = regexp_replace(f.peer, '[.][0-9]+$', '.0/24')
    WHERE NOT f.outgoing AND f.action = 'ACCEPT' AND f.bytes > 0 AND f.source_port > f.destination_port
      AND f.event_time >= u.time - INTERVAL 24 HOUR AND f.event_time <= u.time
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM callers) OR NOT EXISTS (SELECT 1 FROM case_flows WHERE recent) THEN 'unknown'
        WHEN (SELECT time FROM first_use) IS NULL THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM visits) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM visits) AS n,
    CAST([] AS VARCHAR[]) AS events
