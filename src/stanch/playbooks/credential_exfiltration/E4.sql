WITH calls AS (
    SELECT DISTINCT
        event_id, event_time, json_extract_string(user_identity, '$.sessionContext.ec2RoleDelivery') AS delivery
    FROM actor_events
    WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN count(delivery) = 0 THEN 'unknown'
        WHEN bool_or(delivery = '1.0') THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE delivery = '1.0') AS n,
    (list(event_id ORDER BY event_time, event_id) FILTER (WHERE delivery = '1.0'))[1:20] AS events
FROM calls
