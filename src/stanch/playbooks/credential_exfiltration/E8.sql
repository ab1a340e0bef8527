-- The instance takes a new key long before the old one ends; a thief uses what he has until it ends. How long a key is
-- used here says the past, by its median key, as a thief may be in the past, too. A key that was only seen when it was
-- new does not tell how long it was used.
WITH calls AS (
    SELECT
        e.event_id, e.event_time, e.access_key_id, e.event_time >= p.since AS recent,
        json_extract_string(e.user_identity, '$.sessionContext.attributes.creationDate') AS born
    FROM actor_events e CROSS JOIN period p
    WHERE e.scope = 'credential' AND e.access_key_id LIKE 'ASIA%' AND e.event_time BETWEEN $baseline AND $until
      AND json_extract_string(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NOT NULL
),
uses AS (
    SELECT
        event_id, event_time, access_key_id, recent,
        epoch(event_time) - epoch(try_cast(substr(born, 1, 10) || ' ' || substr(born, 12, 8) AS TIMESTAMP)) AS age
    FROM calls
),
lives AS (
    SELECT access_key_id, max(age) AS age FROM uses WHERE NOT recent AND age IS NOT NULL GROUP BY access_key_id
    HAVING max(age) >= 600
),
ranked AS (SELECT age, count(*) OVER () AS of_keys, row_number() OVER (ORDER BY age) AS place FROM lives),
usual AS (
    SELECT count(*) AS keys, avg(age) FILTER (WHERE 2 * place BETWEEN of_keys AND of_keys + 2) AS age FROM ranked
),
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
