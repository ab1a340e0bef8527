-- Ports on which pools commonly speak stratum; a declared node is M7's matter.
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(declared) THEN 'unknown'
        WHEN bool_or(remote_port IN (3333, 4444, 5555, 7777, 9999, 14433, 14444, 45700)) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM (
    SELECT
        f.remote_port,
        f.instance_arn IN (SELECT arn FROM assets WHERE workload IN ('blockchain-node', 'threat-research')) AS declared
    FROM case_findings f
    WHERE f.is_lead AND f.remote_ip IS NOT NULL AND f.remote_port IS NOT NULL
)
