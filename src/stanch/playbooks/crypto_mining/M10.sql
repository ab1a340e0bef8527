-- Whoever computes for a pool keeps its connection for hours; a page, a preview or a crawler is done within minutes. A
-- peer of long standing that only now stands on a list is no new one, and a declared node is M7's matter.
WITH pools AS (
    SELECT DISTINCT
        f.remote_ip,
        f.instance_arn IN (SELECT arn FROM assets WHERE workload IN ('blockchain-node', 'threat-research')) AS declared
    FROM case_findings f
    WHERE f.is_lead AND f.remote_ip IS NOT NULL AND f.direction = 'OUTBOUND'
),
talk AS (
    SELECT c.event_time, c.outgoing, c.recent
    FROM case_flows c JOIN pools p ON p.remote_ip = c.peer
    WHERE c.action = 'ACCEPT' AND c.bytes > 0
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM pools) OR EXISTS (SELECT 1 FROM pools WHERE declared) THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM case_flows WHERE recent) THEN 'unknown'
        WHEN count(*) FILTER (WHERE NOT recent) > 0 THEN 'no'
        WHEN count(*) FILTER (WHERE outgoing) > 0 AND count(*) FILTER (WHERE NOT outgoing) > 0
         AND max(event_time) >= min(event_time) + INTERVAL 10 MINUTE THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE recent) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM talk
