-- Anyone may knock at a public service, and whoever scans the internet does.
SELECT
    CASE
        WHEN count(*) = 0 OR NOT EXISTS (SELECT 1 FROM assets) THEN 'unknown'
        WHEN bool_and(
            coalesce(f.direction = 'INBOUND', FALSE)
            AND f.instance_arn IN (SELECT arn FROM assets WHERE workload IN ('public-service', 'public-website'))
        ) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM case_findings f
WHERE f.remote_ip IS NOT NULL AND f.instance_arn IS NOT NULL
