-- Who opens the connection comes from a high port; what was refused counts as well: it was tried. That a declared
-- scanner and who keeps the others' configuration spread is L9's matter. Hosts that know each other by their work still
-- are new to each other on a port of administration or databases.
WITH first_calls AS (
    SELECT host, peer, min(event_time) AS time
    FROM east_west
    WHERE recent AND outgoing AND source_port > destination_port
      AND peer NOT IN (SELECT peer FROM east_west WHERE NOT recent)
    GROUP BY host, peer
    UNION ALL
    SELECT host, peer, min(first_time) FROM admin_pairs WHERE days = 0 AND NOT declared GROUP BY host, peer
),
bursts AS (
    SELECT a.host, a.time, count(DISTINCT b.peer) AS peers
    FROM first_calls a
    JOIN first_calls b ON b.host = a.host AND b.time >= a.time AND b.time < a.time + INTERVAL 10 MINUTE
    GROUP BY a.host, a.time
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_flows WHERE recent) OR NOT EXISTS (SELECT 1 FROM case_flows WHERE clean)
            THEN 'unknown'
        WHEN EXISTS (
            SELECT 1 FROM assets WHERE workload IN ('vulnerability-scanner', 'configuration-management')
                AND arn IN (SELECT instance_arn FROM case_findings WHERE is_lead)) THEN 'no'
        WHEN coalesce(max(peers), 0) >= 5 THEN 'yes'
        ELSE 'no'
    END AS answer,
    coalesce(max(peers), 0) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM bursts
