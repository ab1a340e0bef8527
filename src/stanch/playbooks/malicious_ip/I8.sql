-- Whoever takes orders from the address comes back to it; one connection may be a page or an advertisement. Only what the
-- host opened counts, from a high port, and a peer of long standing that now stands on a list is no new one.
WITH talk AS (
    SELECT c.event_time, c.outgoing, c.recent, c.outgoing AND c.source_port > c.destination_port AS opened
    FROM case_flows c
    WHERE c.action = 'ACCEPT' AND c.bytes > 0
      AND c.peer IN (SELECT remote_ip FROM case_findings WHERE is_lead AND direction = 'OUTBOUND')
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND direction = 'OUTBOUND' AND remote_ip IS NOT NULL)
          OR NOT EXISTS (SELECT 1 FROM case_flows WHERE recent) THEN 'unknown'
        WHEN count(*) FILTER (WHERE NOT recent) > 0 THEN 'no'
        WHEN count(*) FILTER (WHERE opened) >= 5 AND count(*) FILTER (WHERE NOT outgoing) > 0
         AND max(event_time) >= min(event_time) + INTERVAL 10 MINUTE THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE recent AND opened) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM talk
