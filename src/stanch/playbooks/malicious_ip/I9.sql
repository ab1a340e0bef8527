-- Whoever opens a connection is AWS's word. A listed address that calls in is what every open port sees all day; a host
-- that was taken over calls out to it sooner or later.
WITH back AS (
    SELECT c.peer
    FROM case_flows c
    WHERE c.recent AND c.outgoing AND c.source_port > c.destination_port
      AND c.peer IN (SELECT remote_ip FROM case_findings WHERE is_lead)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND remote_ip IS NOT NULL)
          OR NOT EXISTS (SELECT 1 FROM case_flows WHERE recent) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM back) THEN 'no'
        WHEN NOT EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND coalesce(direction, '') <> 'INBOUND') THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM case_findings WHERE is_lead AND direction = 'INBOUND') AS n,
    CAST([] AS VARCHAR[]) AS events
