-- The instance takes a new key long before the old one ends; a thief uses what he has until it ends. How long a key is
-- used here says the past, by its median key, as a thief may be in the past, too.
WITH uses AS (
    SELECT
        event_id, event_time, access_key_id, event_time >= $since AS recent,
        date_diff(
            'second',
            try_cast(json_extract_string(user_identity, '$.sessionContext.attributes.creationDate') AS TIMESTAMP),
            event_time
        ) AS age
    FROM actor_events
    WHERE scope = 'credential' AND access_key_id LIKE 'ASIA%' AND event_time BETWEEN $baseline AND $until
      AND json_extract_string(user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
),
lives AS (SELECT access_key_id, max(age) AS age FROM uses WHERE NOT recent GROUP BY access_key_id),
usual AS (SELECT count(age) AS keys, median(age) AS age FROM lives),
shown AS (
    SELECT DISTINCT u.event_id, u.event_time
    FROM uses u CROSS JOIN usual l
    WHERE u.recent AND u.age > 2 * l.age AND u.age > l.age + 3600
)
SELECT
    CASE
        WHEN (SELECT keys FROM usual) < 5 OR NOT EXISTS (SELECT 1 FROM uses WHERE recent AND age IS NOT NULL)
            THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
