-- Both ways: a role of a stranger's account that our credentials assume, and a session of ours that a stranger's
-- account began. A partner's account is declared: it is no stranger's.
WITH known AS (SELECT id FROM accounts UNION SELECT id FROM partner_accounts),
crossings AS (
    SELECT event_id, event_time, split_part(target_role, ':', 5) AS account FROM chain WHERE target_role LIKE 'arn:%'
    UNION
    SELECT e.event_id, e.event_time, json_extract_string(e.user_identity, '$.accountId')
    FROM events e JOIN actor_events a ON a.access_key_id = e.issued_key_id AND a.scope = 'credential'
    WHERE e.event_name = 'AssumeRole' AND e.event_time BETWEEN $since - INTERVAL 1 DAY AND $until
      AND json_extract_string(e.user_identity, '$.type') <> 'AWSService'
),
shown AS (SELECT DISTINCT event_id, event_time FROM crossings WHERE account NOT IN (SELECT id FROM known))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM accounts) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        WHEN EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'no'
        ELSE 'unknown'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
