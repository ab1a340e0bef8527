-- The users of the database who came from the finding's address, by what they did on other days.
WITH users AS (
    SELECT DISTINCT d.user_name
    FROM db_audit d JOIN case_findings f ON f.is_lead AND f.remote_ip = d.source_ip
    WHERE d.error_code IS NULL AND d.event_time BETWEEN $since AND $until
),
days AS (
    SELECT d.user_name, d.event_date, count(*) AS acts
    FROM db_audit d JOIN users u ON u.user_name = d.user_name
    WHERE d.event_time >= $baseline AND d.event_time < $since
      AND NOT EXISTS (
        SELECT 1 FROM suspect_times s WHERE d.event_time >= s.start_time AND d.event_time < s.end_time)
    GROUP BY d.user_name, d.event_date
),
ranked AS (
    SELECT
        user_name, acts, count(*) OVER (PARTITION BY user_name) AS of_days,
        row_number() OVER (PARTITION BY user_name ORDER BY acts) AS place
    FROM days
),
usual AS (
    SELECT
        user_name, count(*) AS days,
        greatest(
            5 * avg(acts) FILTER (WHERE 2 * place BETWEEN of_days AND of_days + 2),
            min(acts) FILTER (WHERE 10 * place >= 9 * of_days)) AS most
    FROM ranked GROUP BY user_name
),
now AS (
    SELECT d.user_name, d.event_date, count(*) AS acts
    FROM db_audit d JOIN users u ON u.user_name = d.user_name
    WHERE d.event_time BETWEEN $since AND $until
    GROUP BY d.user_name, d.event_date
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(u.days >= 5 AND n.acts > greatest(50, u.most)) THEN 'yes'
        WHEN bool_and(coalesce(u.days, 0) >= 5) THEN 'no'
        ELSE 'unknown'
    END AS answer,
    coalesce(CAST(sum(n.acts) AS BIGINT), 0) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM now n LEFT JOIN usual u ON u.user_name = n.user_name
