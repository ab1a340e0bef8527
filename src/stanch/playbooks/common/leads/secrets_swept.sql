-- Whoever wrote a secret may read it back, once for each time that he wrote it: that is how pipelines check their work.
WITH written AS (
    SELECT account_id, principal_arn,
        coalesce(json_extract_string(response_elements, '$.arn'), json_extract_string(response_elements, '$.aRN'),
            json_extract_string(request_parameters, '$.secretId')) AS secret,
        event_name
    FROM acts
    WHERE error_code IS NULL AND event_source = 'secretsmanager.amazonaws.com' AND event_name IN ('CreateSecret', 'PutSecretValue')
),
reads AS (
    SELECT event_id, event_time, account_id, principal_arn, json_extract_string(request_parameters, '$.secretId') AS secret,
        row_number() OVER (
            PARTITION BY account_id, principal_arn, json_extract_string(request_parameters, '$.secretId')
            ORDER BY event_time, event_id
        ) AS nth
    FROM acts
    WHERE event_source = 'secretsmanager.amazonaws.com' AND event_name = 'GetSecretValue'
),
own AS (
    SELECT account_id, principal_arn, secret,
        greatest(count(*) FILTER (WHERE event_name = 'PutSecretValue'), 1) AS times
    FROM written GROUP BY account_id, principal_arn, secret
),
foreign_reads AS (
    SELECT r.event_id, r.event_time, r.account_id, r.principal_arn, r.secret
    FROM reads r LEFT JOIN own o ON o.account_id = r.account_id AND o.principal_arn = r.principal_arn AND o.secret = r.secret
    WHERE r.secret IS NOT NULL AND (o.times IS NULL OR r.nth > o.times)
),
listed AS (
    SELECT account_id, principal_arn, event_time FROM acts
    WHERE event_source = 'secretsmanager.amazonaws.com' AND event_name = 'ListSecrets'
),
minutes AS (
    SELECT DISTINCT account_id, principal_arn, secret, date_trunc('minute', event_time) AS minute FROM foreign_reads
),
windows_of_ten AS (
    SELECT a.account_id, a.principal_arn, a.minute, count(DISTINCT b.secret) AS secrets
    FROM (SELECT DISTINCT account_id, principal_arn, minute FROM minutes) a
    JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.minute
),
bursts AS (
    SELECT w.account_id, w.principal_arn, w.minute
    FROM windows_of_ten w
    WHERE w.secrets >= 12 OR (w.secrets >= 5 AND EXISTS (
        SELECT 1 FROM listed l WHERE l.account_id = w.account_id AND l.principal_arn = w.principal_arn
            AND l.event_time BETWEEN w.minute - INTERVAL 1 HOUR AND w.minute + INTERVAL 10 MINUTE))
)
SELECT DISTINCT r.event_id
FROM foreign_reads r
JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn
    AND r.event_time >= b.minute AND r.event_time < b.minute + INTERVAL 10 MINUTE
