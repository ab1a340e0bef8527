SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_findings WHERE instance_arn IS NOT NULL) THEN 'unknown'
        WHEN count(*) > 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM assets
WHERE workload IN ('blockchain-node', 'threat-research')
  AND arn IN (SELECT instance_arn FROM case_findings WHERE is_lead)
