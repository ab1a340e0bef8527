-- By the user's name, or by a stranger's address. Failed sign-ins name no ARN.
WITH failed AS (
    SELECT account_id, event_time, source_ip, json_extract_string(user_identity, '$.userName') AS who
    FROM events
    WHERE event_source = 'signin.amazonaws.com' AND event_name = 'ConsoleLogin'
      AND json_extract_string(response_elements, '$.ConsoleLogin') = 'Failure'
),
entered AS (
    SELECT event_id, account_id, event_time, source_ip, label, regexp_extract(principal_arn, '[^/]+$') AS who
    FROM acts
    WHERE event_source = 'signin.amazonaws.com' AND event_name = 'ConsoleLogin' AND error_code IS NULL
      AND json_extract_string(response_elements, '$.ConsoleLogin') = 'Success'
)
SELECT s.event_id
FROM entered s
JOIN failed f ON f.account_id = s.account_id AND (f.who = s.who OR (f.source_ip = s.source_ip AND s.label = 'foreign'))
    AND f.event_time BETWEEN s.event_time - INTERVAL 1 HOUR AND s.event_time
GROUP BY s.event_id
HAVING count(*) >= 8
