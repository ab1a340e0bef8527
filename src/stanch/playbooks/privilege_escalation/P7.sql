-- A declared pipeline's window is one of C8's four proofs, and no excuse without the others.
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM case_principals WHERE arn IN (SELECT role FROM pipelines)) THEN 'unknown'
        WHEN count(*) > 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM windows
WHERE kind = 'change'
  AND principal IN (SELECT arn FROM case_principals)
  AND $when BETWEEN start_time AND end_time
