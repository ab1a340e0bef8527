-- Failed sign-ins name no ARN; they are joined by the user's name or the address.
WITH failed AS (
    SELECT account_id, event_time, source_ip, json_extract_string(user_identity, '$.userName') AS who
    FROM events
    WHERE event_source = 'signin.amazonaws.com' AND event_name = 'ConsoleLogin'
      AND json_extract_string(response_elements, '$.ConsoleLogin') = 'Failure'
),
entered AS (
    SELECT event_id, account_id, event_time, source_ip, regexp_extract(principal_arn, '[^/]+$') AS who
    FROM acts
    WHERE event_source = 'signin.amazonaws.com' AND event_name = 'ConsoleLogin' AND error_code IS NULL
      AND json_extract_string(response_elements, '$.ConsoleLogin') = 'Success'
)
SELECT s.event_id
FROM entered s
JOIN failed f ON f.account_id = s.account_id AND (f.source_ip = s.source_ip OR f.who = s.who)
    AND f.event_time BETWEEN s.event_time - INTERVAL 1 HOUR AND s.event_time
GROUP BY s.event_id
HAVING count(*) >= 5
