-- What a thief does next with credentials: make more of them, read secrets, give rights.
WITH shown AS (
    SELECT DISTINCT event_id, event_time
    FROM actor_events
    WHERE scope = 'credential' AND event_time BETWEEN $since AND $until AND error_code IS NULL
      AND event_name IN (
        'CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'UpdateAssumeRolePolicy',
        'AttachUserPolicy', 'PutUserPolicy', 'GetSecretValue', 'BatchGetSecretValue', 'GetPasswordData',
        'GetFederationToken', 'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute'
      )
),
calls AS (
    SELECT DISTINCT event_name FROM actor_events WHERE event_id IN (SELECT event_id FROM shown)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'unknown'
        WHEN (SELECT count(*) FROM calls) >= 2 THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
