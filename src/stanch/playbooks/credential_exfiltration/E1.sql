-- A private address (a VPC endpoint) says nothing here, nor does a host in the organisation: E2 and E5 ask for those.
WITH callers AS (
    SELECT DISTINCT a.ip, a.label
    FROM case_findings f JOIN addresses a ON a.ip = f.caller_ip
    WHERE f.remote_account IS NULL OR f.remote_account NOT IN (SELECT id FROM accounts)
),
shown AS (
    SELECT DISTINCT e.event_id, e.event_time
    FROM actor_events e JOIN callers c ON c.ip = e.source_ip
    WHERE e.scope = 'credential' AND e.event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM callers WHERE label = 'foreign') THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM callers) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM callers WHERE label IN ('private', 'service')) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
