WITH calls AS (
    SELECT
        e.event_id, e.event_time,
        e.error_code IS NULL AND (
            (e.event_name = 'ConsoleLogin'
                AND json_extract_string(e.response_elements, '$.ConsoleLogin') = 'Success')
            OR (e.event_name <> 'ConsoleLogin' AND e.access_key_id IS NOT NULL
                AND e.actor_type IN ('IAMUser', 'AssumedRole', 'FederatedUser', 'IdentityCenterUser', 'Root'))
        ) AS succeeded
    FROM events e JOIN case_addresses a ON a.ip = e.source_ip AND a.label = 'foreign'
    WHERE e.event_time BETWEEN $since AND $until
)
SELECT
    CASE WHEN count(*) = 0 THEN 'unknown' WHEN bool_or(succeeded) THEN 'yes' ELSE 'no' END AS answer,
    count(*) FILTER (WHERE succeeded) AS n,
    (list(event_id ORDER BY event_time, event_id) FILTER (WHERE succeeded))[1:20] AS events
FROM calls
