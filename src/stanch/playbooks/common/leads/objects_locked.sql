-- Objects written with a key that only the caller holds, or with one of an account that nobody declared.
WITH written_with AS (
    SELECT event_id, event_time, account_id, principal_arn,
        contains(request_parameters, 'x-amz-server-side-encryption-customer-algorithm')
            OR contains(coalesce(additional_event_data, ''), '"SSE_C"') AS own_key,
        regexp_extract(request_parameters, 'arn:aws[a-z-]*:kms:[a-z0-9-]+:([0-9]{12}):', 1) AS other
    FROM acts
    WHERE error_code IS NULL AND event_source = 's3.amazonaws.com'
      AND event_name IN ('PutObject', 'CopyObject', 'CreateMultipartUpload')
      AND (contains(request_parameters, 'server-side-encryption') OR contains(coalesce(additional_event_data, ''), '"SSE_C"'))
),
minutes AS (
    SELECT account_id, principal_arn, date_trunc('minute', event_time) AS minute, count(*) AS n
    FROM written_with WHERE own_key
    GROUP BY account_id, principal_arn, date_trunc('minute', event_time)
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.minute
    FROM minutes a JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute >= a.minute AND b.minute < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.minute
    HAVING sum(b.n) >= 3
)
SELECT DISTINCT w.event_id
FROM written_with w JOIN bursts b ON b.account_id = w.account_id AND b.principal_arn = w.principal_arn
    AND w.event_time >= b.minute AND w.event_time < b.minute + INTERVAL 10 MINUTE
WHERE w.own_key
UNION
SELECT event_id FROM written_with
WHERE other <> '' AND other <> account_id AND other NOT IN (SELECT id FROM known_accounts)
