-- The operator declares groups, not addresses; of a peer whose group is not known nothing is declared. What the host
-- has long talked to needs no declaration, and whom a declared scanner or configuration host visits is L9's matter.
SELECT
    CASE
        WHEN count(*) = 0 OR NOT EXISTS (SELECT 1 FROM service_map) THEN 'unknown'
        WHEN count(*) FILTER (WHERE NOT declared) = 0 THEN 'yes'
        WHEN EXISTS (
            SELECT 1 FROM assets WHERE workload IN ('vulnerability-scanner', 'bastion', 'configuration-management')
                AND arn IN (SELECT arn FROM case_principals)) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE declared) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM admin_pairs
WHERE NOT settled
