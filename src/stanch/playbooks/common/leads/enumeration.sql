-- The same principal looking around on an earlier day is its work: scanners and inventories do it daily. By a long-term
-- key from a new network it is somebody else who looks; a person's console asks many services whenever it is opened.
WITH looks AS (
    SELECT event_id, event_time, event_date, elsewhere, account_id, principal_arn, principal_id, access_key_id, event_source
    FROM acts
    WHERE (event_name LIKE 'List%' OR event_name LIKE 'Describe%' OR event_name LIKE 'Get%')
      AND coalesce(access_key_id, '') <> ''
),
minutes AS (
    SELECT DISTINCT account_id, principal_arn, access_key_id, event_date, elsewhere,
        date_trunc('minute', event_time) AS minute, event_source
    FROM looks
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.access_key_id, a.event_date, a.minute, bool_or(b.elsewhere) AS elsewhere
    FROM (SELECT DISTINCT account_id, principal_arn, access_key_id, event_date, minute FROM minutes) a
    JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.access_key_id = a.access_key_id
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 15 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.access_key_id, a.event_date, a.minute
    HAVING count(DISTINCT b.event_source) >= 6
),
usual AS (
    SELECT account_id, principal_arn, min(event_date) AS first_day
    FROM (
        SELECT account_id, principal_arn, event_date
        FROM events
        WHERE event_name LIKE 'List%' OR event_name LIKE 'Describe%' OR event_name LIKE 'Get%'
        GROUP BY account_id, principal_arn, event_date, date_trunc('hour', event_time)
        HAVING count(DISTINCT event_source) >= 6
    ) AS hours
    GROUP BY account_id, principal_arn
),
fresh AS (
    SELECT b.* FROM bursts b
    LEFT JOIN usual u ON u.account_id = b.account_id AND u.principal_arn = b.principal_arn
    WHERE (b.elsewhere AND b.access_key_id LIKE 'AKIA%') OR u.first_day IS NULL OR u.first_day >= b.event_date
)
SELECT DISTINCT l.event_id
FROM looks l
JOIN fresh f ON f.account_id = l.account_id AND f.principal_arn = l.principal_arn AND f.access_key_id = l.access_key_id
    AND l.event_time >= f.minute AND l.event_time < f.minute + INTERVAL 15 MINUTE
