WITH made AS (
    SELECT event_id, event_time, account_id, who, issued_key_id
    FROM acts
    WHERE event_name = 'CreateAccessKey' AND error_code IS NULL AND issued_key_id IS NOT NULL
),
used AS (
    SELECT access_key_id, event_time, network FROM acts WHERE label = 'foreign' AND error_code IS NULL
)
SELECT DISTINCT m.event_id
FROM made m
JOIN used u ON u.access_key_id = m.issued_key_id
    AND u.event_time BETWEEN m.event_time AND m.event_time + INTERVAL 24 HOUR
WHERE NOT EXISTS (
    SELECT 1 FROM places p
    WHERE p.account_id = m.account_id AND p.who = m.who AND p.network = u.network)
