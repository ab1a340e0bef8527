-- What the service map declares is no surprise. A peer in the same security group as one that the host has long talked
-- to is no new peer: hosts come and go. That a declared scanner and who keeps the others' configuration talk to
-- new peers is L9's matter.
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_flows WHERE recent) OR NOT EXISTS (SELECT 1 FROM case_flows WHERE clean)
            THEN 'unknown'
        WHEN EXISTS (
            SELECT 1 FROM assets WHERE workload IN ('vulnerability-scanner', 'configuration-management')
                AND arn IN (SELECT instance_arn FROM case_findings WHERE is_lead)) THEN 'no'
        WHEN count(*) FILTER (WHERE answered AND days = 0 AND NOT declared) > 0 THEN 'yes'
        WHEN count(*) FILTER (WHERE NOT settled AND NOT declared) = 0 THEN 'no'
        ELSE 'unknown'
    END AS answer,
    count(*) FILTER (WHERE answered AND days = 0 AND NOT declared) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM admin_pairs
