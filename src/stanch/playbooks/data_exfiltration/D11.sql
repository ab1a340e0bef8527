-- What anyone may read cannot be stolen, but it can be changed and deleted.
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_resources WHERE id LIKE 'arn:%:s3:::%') THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM case_findings WHERE is_lead AND (type LIKE 'Impact:%' OR type LIKE 'AttackSequence:%'))
            THEN 'unknown'
        WHEN NOT EXISTS (
            SELECT 1 FROM case_resources
            WHERE id LIKE 'arn:%:s3:::%'
              AND id NOT IN (SELECT arn FROM assets WHERE workload = 'public-website' OR data = 'public')) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM case_resources WHERE id LIKE 'arn:%:s3:::%') AS n,
    CAST([] AS VARCHAR[]) AS events
