SELECT
    CASE WHEN count(*) > 0 THEN 'yes' ELSE 'no' END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM windows
WHERE kind = 'change'
  AND principal IN (SELECT arn FROM case_principals)
  AND $when BETWEEN start_time AND end_time
