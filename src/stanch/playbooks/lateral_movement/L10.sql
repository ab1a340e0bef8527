-- The window must be the principal's own, with a ticket, and hold all of what was done: everything since the finding was
-- first seen, and of the hour before what is no settled habit, as daily work goes on outside of windows.
WITH found AS (SELECT began, seen FROM case_findings WHERE is_lead),
calls AS (
    SELECT a.event_time
    FROM actor_events a CROSS JOIN found f
    WHERE a.scope = 'credential' AND a.event_time BETWEEN $since AND $until
      AND a.event_time >= f.began - INTERVAL 1 HOUR
      AND (a.event_time >= f.began
        OR a.event_source || ':' || a.event_name NOT IN (SELECT value FROM habits WHERE kind = 'api' AND settled))
    UNION ALL
    SELECT first_time FROM admin_pairs WHERE NOT settled
    UNION ALL
    SELECT began FROM found
    UNION ALL
    SELECT seen FROM found
)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM case_principals WHERE arn IN (SELECT role FROM pipelines)) THEN 'unknown' -- C8's matter
        WHEN NOT EXISTS (SELECT 1 FROM windows WHERE kind = 'change') OR NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN count(*) > 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM windows w
WHERE w.kind = 'change' AND coalesce(w.ticket, '') <> '' AND w.principal IN (SELECT arn FROM case_principals)
  AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.event_time < w.start_time OR c.event_time > w.end_time)
