SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_principals) THEN 'unknown'
        WHEN count(*) > 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM assets
WHERE workload IN ('vulnerability-scanner', 'bastion', 'configuration-management')
  AND arn IN (SELECT arn FROM case_principals)
