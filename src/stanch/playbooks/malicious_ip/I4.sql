-- The operator's own addresses carry many people's sign-ins: C2 speaks for those. Where CloudTrail is on and no call came
-- from the address, no sign-in did.
WITH calls AS (
    SELECT e.event_id, e.event_time, e.event_name, e.error_code, e.response_elements
    FROM events e JOIN case_addresses a ON a.ip = e.source_ip AND a.label = 'foreign'
    WHERE e.event_time BETWEEN $since AND $until
),
attempts AS (
    SELECT
        event_id, event_time,
        error_code IS NULL
            AND coalesce(json_extract_string(response_elements, '$.ConsoleLogin'), 'Success') = 'Success' AS succeeded
    FROM calls
    WHERE event_name IN (
        'ConsoleLogin', 'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetSessionToken',
        'GetFederationToken', 'CredentialVerification', 'UserAuthentication'
    )
),
won AS (
    SELECT s.event_id, s.event_time
    FROM attempts s JOIN attempts f ON s.succeeded AND NOT f.succeeded AND f.event_time < s.event_time
    GROUP BY s.event_id, s.event_time
    HAVING count(*) >= 3
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM case_addresses)
          OR NOT EXISTS (SELECT 1 FROM events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM won) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM attempts) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM
        (SELECT event_id, event_time FROM won UNION SELECT event_id, event_time FROM attempts WHERE NOT succeeded)
    ) AS events
