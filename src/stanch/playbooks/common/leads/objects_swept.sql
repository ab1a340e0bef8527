-- Many objects within minutes, taken to a network where the principal has never been.
WITH taken AS (
    SELECT event_id, event_time, account_id, principal_arn, date_trunc('minute', event_time) AS minute
    FROM acts
    WHERE elsewhere AND error_code IS NULL AND event_source = 's3.amazonaws.com' AND event_name = 'GetObject'
),
minutes AS (SELECT account_id, principal_arn, minute, count(*) AS n FROM taken GROUP BY account_id, principal_arn, minute),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.minute
    FROM minutes a JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 30 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.minute
    HAVING sum(b.n) >= 20
)
SELECT DISTINCT t.event_id
FROM taken t JOIN bursts b ON b.account_id = t.account_id AND b.principal_arn = t.principal_arn
    AND t.minute >= b.minute AND t.minute < b.minute + INTERVAL 30 MINUTE
