WITH denied AS (
    SELECT event_id, account_id, principal_arn, date_trunc('minute', event_time) AS minute, event_source || ':' || event_name AS api
    FROM acts
    WHERE error_code LIKE '%AccessDenied%' OR error_code LIKE '%UnauthorizedOperation%'
),
minutes AS (SELECT DISTINCT account_id, principal_arn, minute, api FROM denied),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.minute
    FROM (SELECT DISTINCT account_id, principal_arn, minute FROM minutes) a
    JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.minute
    HAVING count(DISTINCT b.api) >= 5
)
SELECT DISTINCT d.event_id
FROM denied d
JOIN bursts b ON b.account_id = d.account_id AND b.principal_arn = d.principal_arn
    AND d.minute >= b.minute AND d.minute < b.minute + INTERVAL 10 MINUTE
