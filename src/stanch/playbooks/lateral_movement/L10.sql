-- The window must be the principal's own, with a ticket, and hold all of what was done.
WITH calls AS (
    SELECT event_time FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
    UNION ALL
    SELECT first_time FROM admin_pairs
    UNION ALL
    SELECT seen FROM case_findings WHERE is_lead
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM windows WHERE kind = 'change') OR NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN count(*) > 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM windows w
WHERE w.kind = 'change' AND coalesce(w.ticket, '') <> '' AND w.principal IN (SELECT arn FROM case_principals)
  AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.event_time < w.start_time OR c.event_time > w.end_time)
