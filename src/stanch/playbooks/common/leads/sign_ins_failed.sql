-- Ten within the hour for one user or from one address. What failed names whom its caller liked.
WITH failed AS (
    SELECT event_id, event_time, account_id, principal_arn, source_ip
    FROM acts
    WHERE event_source = 'signin.amazonaws.com' AND event_name = 'ConsoleLogin' AND actor_type = 'IAMUser'
      AND json_extract_string(response_elements, '$.ConsoleLogin') = 'Failure'
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.source_ip, a.event_time
    FROM failed a
    JOIN failed b ON b.account_id = a.account_id AND (b.principal_arn = a.principal_arn OR b.source_ip = a.source_ip)
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.source_ip, a.event_time
    HAVING count(DISTINCT b.event_id) >= 10
)
SELECT DISTINCT f.event_id
FROM failed f
JOIN bursts b ON b.account_id = f.account_id AND (b.principal_arn = f.principal_arn OR b.source_ip = f.source_ip)
    AND f.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 1 HOUR
