-- Identity Center names its sessions itself: there the name is the person. MFA is AWS's word on the session.
WITH calls AS (
    SELECT event_id, event_time, mfa, principal_arn, split_part(principal_id, ':', 2) AS person
    FROM actor_events
    WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
),
signed_in AS (
    SELECT event_id, event_time, json_extract_string(user_identity, '$.userName') AS person
    FROM events
    WHERE event_source IN ('signin.amazonaws.com', 'sso.amazonaws.com') AND event_name = 'UserAuthentication'
      AND error_code IS NULL AND event_time BETWEEN $since - INTERVAL 12 HOUR AND $until
      AND regexp_matches(
        json_extract_string(additional_event_data, '$.CredentialType'), 'TOTP|WEBAUTHN|MFA|FIDO')
),
proven AS (
    SELECT c.event_id, c.event_time
    FROM calls c
    WHERE coalesce(c.mfa, FALSE)
       OR (c.principal_arn LIKE '%:role/aws-reserved/sso.amazonaws.com/%' AND EXISTS (
            SELECT 1 FROM signed_in s
            WHERE s.person = c.person AND s.event_time BETWEEN c.event_time - INTERVAL 12 HOUR AND c.event_time))
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN (SELECT count(DISTINCT event_id) FROM proven) = (SELECT count(DISTINCT event_id) FROM calls) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(DISTINCT event_id) FROM proven) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM (SELECT DISTINCT event_id, event_time FROM proven))
        AS events
