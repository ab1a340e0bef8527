WITH calls AS (
    SELECT DISTINCT
        e.event_id, e.event_time,
        CASE
            WHEN e.event_name IN ('AssumeRole') THEN 'role'
            WHEN e.event_name IN ('GetSecretValue', 'BatchGetSecretValue', 'GetParametersByPath') THEN 'secret'
            WHEN e.event_name IN (
                'CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'UpdateAssumeRolePolicy',
                'AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy', 'PutUserPolicy', 'PutRolePolicy',
                'PutGroupPolicy', 'AddUserToGroup', 'CreatePolicyVersion'
            ) THEN 'identity'
        END AS kind,
        coalesce(
            e.target_role, json_extract_string(e.request_parameters, '$.secretId'),
            json_extract_string(e.request_parameters, '$.path'), e.event_id
        ) AS what
    FROM actor_events e JOIN addresses a ON a.ip = e.source_ip AND a.label = 'foreign'
    WHERE e.scope = 'credential' AND e.error_code IS NULL AND e.event_time BETWEEN $since AND $until
),
kinds AS (
    SELECT kind FROM calls WHERE kind IS NOT NULL GROUP BY kind
    HAVING count(DISTINCT what) >= CASE kind WHEN 'identity' THEN 1 ELSE 3 END
),
shown AS (SELECT event_id, event_time FROM calls WHERE kind IN (SELECT kind FROM kinds))
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM kinds) THEN 'yes'
        WHEN EXISTS (SELECT 1 FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until)
            THEN 'no'
        ELSE 'unknown'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
