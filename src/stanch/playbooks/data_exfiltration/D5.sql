WITH uses AS (
    SELECT event_id, event_time, event_date
    FROM principal_events
    WHERE event_time BETWEEN $since AND $until AND error_code IS NULL
      AND event_name IN ('Decrypt', 'GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParametersByPath')
),
clean_days AS (
    SELECT event_date, count(*) AS uses
    FROM clean_events
    WHERE error_code IS NULL
      AND event_name IN ('Decrypt', 'GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParametersByPath')
    GROUP BY event_date
),
ranked AS (
    SELECT uses, count(*) OVER () AS of_days, row_number() OVER (ORDER BY uses) AS place FROM clean_days
),
usual AS (
    SELECT
        CASE WHEN count(*) < 5 THEN 5 * coalesce(max(uses), 0)
             ELSE greatest(
                5 * avg(uses) FILTER (WHERE 2 * place BETWEEN of_days AND of_days + 2),
                min(uses) FILTER (WHERE 10 * place >= 9 * of_days)) END AS most
    FROM ranked
),
now AS (SELECT event_date, count(*) AS uses FROM uses GROUP BY event_date),
beyond AS (SELECT n.event_date FROM now n CROSS JOIN usual u WHERE n.uses > greatest(20, u.most)),
shown AS (SELECT DISTINCT event_id, event_time FROM uses WHERE event_date IN (SELECT event_date FROM beyond))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM principal_events WHERE event_time BETWEEN $since AND $until)
          OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM beyond) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
