-- Whoever wrote a secret may read it back; five others that were never read before are a collection.
WITH calls AS (
    SELECT DISTINCT event_id, event_time, event_name, json_extract_string(request_parameters, '$.secretId') AS secret
    FROM actor_events
    WHERE scope = 'credential' AND error_code IS NULL AND event_time BETWEEN $since AND $until
      AND event_source = 'secretsmanager.amazonaws.com'
),
before AS (
    SELECT DISTINCT json_extract_string(request_parameters, '$.secretId') AS secret
    FROM principal_events
    WHERE event_source = 'secretsmanager.amazonaws.com' AND event_time >= $baseline AND event_time < $since
      AND json_extract_string(request_parameters, '$.secretId') IS NOT NULL
),
shown AS (
    SELECT event_id, event_time, secret
    FROM calls
    WHERE event_name = 'GetSecretValue' AND secret IS NOT NULL AND secret NOT IN (SELECT secret FROM before)
      AND secret NOT IN (SELECT secret FROM calls WHERE event_name IN ('PutSecretValue', 'RotateSecret') AND secret IS NOT NULL)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'unknown'
        WHEN (SELECT count(DISTINCT secret) FROM shown) >= 5 THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(DISTINCT secret) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
