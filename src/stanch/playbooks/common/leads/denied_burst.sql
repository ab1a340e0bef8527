-- Who is refused so many things on other days too asks for them daily; from a new network it is somebody else who asks.
WITH denied AS (
    SELECT event_id, account_id, principal_arn, event_date, elsewhere, date_trunc('minute', event_time) AS minute,
        concat(event_source, ':', event_name) AS api
    FROM acts
    WHERE error_code LIKE '%AccessDenied%' OR error_code LIKE '%UnauthorizedOperation%'
),
minutes AS (SELECT DISTINCT account_id, principal_arn, event_date, minute, api, elsewhere FROM denied),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_date, a.minute, bool_or(b.elsewhere) AS elsewhere
    FROM (SELECT DISTINCT account_id, principal_arn, event_date, minute FROM minutes) a
    JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_date, a.minute
    HAVING count(DISTINCT b.api) >= 5
),
usual AS (
    SELECT account_id, principal_arn, min(event_date) AS first_day
    FROM (
        SELECT account_id, principal_arn, event_date
        FROM events
        WHERE error_code LIKE '%AccessDenied%' OR error_code LIKE '%UnauthorizedOperation%'
        GROUP BY account_id, principal_arn, event_date
        HAVING count(DISTINCT concat(event_source, ':', event_name)) >= 5
    ) AS days
    GROUP BY account_id, principal_arn
),
fresh AS (
    SELECT b.* FROM bursts b
    LEFT JOIN usual u ON u.account_id = b.account_id AND u.principal_arn = b.principal_arn
    WHERE b.elsewhere OR u.first_day IS NULL OR u.first_day >= b.event_date
)
SELECT DISTINCT d.event_id
FROM denied d
JOIN fresh b ON b.account_id = d.account_id AND b.principal_arn = d.principal_arn
    AND d.minute >= b.minute AND d.minute < b.minute + INTERVAL 10 MINUTE
