-- A machine is told by AWS's own delivery mark; a function's or a person's session has none, and then nothing is said.
WITH machine AS (
    SELECT c.event_id, c.event_time FROM chain_events c
    WHERE c.event_time BETWEEN $since AND $until
      AND json_extract_string(c.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
),
shown AS (
    SELECT DISTINCT m.event_id, m.event_time
    FROM machine m JOIN grants g ON g.event_id = m.event_id
    WHERE g.kind <> 'pass'
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM machine) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
