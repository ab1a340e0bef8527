WITH uses AS (
    SELECT event_id, event_time, event_date, event_time >= $since AS recent
    FROM principal_events
    WHERE event_time BETWEEN $baseline AND $until AND error_code IS NULL
      AND event_name IN ('Decrypt', 'GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParametersByPath')
),
clean_days AS (
    SELECT event_date, count(*) AS uses
    FROM clean_events
    WHERE error_code IS NULL
      AND event_name IN ('Decrypt', 'GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParametersByPath')
    GROUP BY event_date
),
usual AS (
    SELECT
        CASE WHEN count(*) < 5 THEN 5 * coalesce(max(uses), 0)
             ELSE greatest(5 * median(uses), quantile_cont(uses, 0.9)) END AS most
    FROM clean_days
),
now AS (SELECT event_date, count(*) AS uses FROM uses WHERE recent GROUP BY event_date),
over AS (SELECT n.event_date FROM now n CROSS JOIN usual u WHERE n.uses > greatest(20, u.most)),
shown AS (SELECT DISTINCT event_id, event_time FROM uses WHERE recent AND event_date IN (SELECT event_date FROM over))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM principal_events WHERE event_time BETWEEN $since AND $until)
          OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM over) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
