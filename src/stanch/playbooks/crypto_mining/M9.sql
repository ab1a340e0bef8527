-- A declared mining workload connects to its peers: that is M7's matter and no surprise here.
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(declared) THEN 'unknown'
        WHEN bool_or(direction = 'OUTBOUND' AND NOT blocked) THEN 'yes'
        WHEN bool_and(blocked OR direction = 'INBOUND') THEN 'no'
        ELSE 'unknown'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM (
    SELECT
        f.direction, f.blocked,
        f.instance_arn IN (SELECT arn FROM assets WHERE workload IN ('blockchain-node', 'threat-research')) AS declared
    FROM case_findings f
    WHERE f.is_lead AND f.remote_ip IS NOT NULL
)
