-- A new network is only held against the principal when it is a stranger's: the operator's own are his business.
-- It excuses only where it is a settled habit: an attacker may have been there for some days.
WITH callers AS (
    SELECT DISTINCT a.network, a.label FROM case_findings f JOIN addresses a ON a.ip = f.caller_ip
),
before AS (
    SELECT e.event_id, e.event_time, a.network
    FROM principal_events e JOIN addresses a ON a.ip = e.source_ip
    WHERE e.event_time >= $baseline AND e.event_time < $since
),
same AS (
    SELECT DISTINCT event_id, event_time FROM before WHERE network IN (SELECT network FROM callers)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM callers) OR NOT EXISTS (SELECT 1 FROM before) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM callers WHERE label = 'foreign' AND network NOT IN (SELECT network FROM before))
            THEN 'no'
        WHEN NOT EXISTS (
            SELECT 1 FROM callers
            WHERE network NOT IN (SELECT value FROM places WHERE kind = 'network' AND settled)) THEN 'yes'
        ELSE 'unknown'
    END AS answer,
    (SELECT count(*) FROM same) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM same) AS events
