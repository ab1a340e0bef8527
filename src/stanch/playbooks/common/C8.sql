-- All four proofs, and none of them counts where the same session gave itself rights or switched off what watches.
WITH mine AS (
    SELECT p.role, p.provider, p.subject, p.networks
    FROM pipelines p WHERE p.role IN (SELECT arn FROM case_principals)
),
calls AS (
    SELECT event_id, event_time, source_ip, access_key_id, event_name, error_code
    FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
),
issued AS (
    SELECT e.event_id, e.event_time
    FROM events e JOIN calls c ON c.access_key_id = e.issued_key_id
    JOIN mine m ON m.role = e.target_role
    WHERE e.event_name IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML', 'AssumeRole') AND e.error_code IS NULL
      AND m.provider <> '' AND m.subject <> ''
      AND (json_extract_string(e.user_identity, '$.identityProvider') LIKE '%' || m.provider
        OR starts_with(e.principal_id, m.provider || ':') OR contains(e.principal_id, '/' || m.provider || ':'))
      AND (json_extract_string(e.user_identity, '$.userName') = m.subject
        OR (m.subject LIKE '%*' AND starts_with(json_extract_string(e.user_identity, '$.userName'), replace(m.subject, '*', ''))))
),
strangers AS (
    SELECT c.event_id
    FROM calls c LEFT JOIN addresses a ON a.ip = c.source_ip
    WHERE coalesce(a.label, 'service') <> 'service' AND a.label NOT IN (SELECT networks FROM mine)
),
windowed AS (
    SELECT 1 AS one FROM windows w
    WHERE w.kind = 'change' AND w.principal IN (SELECT arn FROM case_principals) AND $when BETWEEN w.start_time AND w.end_time
),
spoilt AS (
    SELECT c.event_id FROM calls c JOIN grants g ON g.event_id = c.event_id WHERE g.own AND g.kind <> 'credential'
    UNION
    SELECT event_id FROM calls
    WHERE error_code IS NULL AND event_name IN ('StopLogging', 'DeleteTrail', 'DeleteDetector', 'DisableSecurityHub', 'DeleteFlowLogs')
),
proofs AS (
    SELECT
        CASE WHEN EXISTS (SELECT 1 FROM mine) THEN 1 ELSE 0 END
        + CASE WHEN EXISTS (SELECT 1 FROM issued) THEN 1 ELSE 0 END
        + CASE WHEN EXISTS (SELECT 1 FROM calls) AND NOT EXISTS (SELECT 1 FROM strangers) THEN 1 ELSE 0 END
        + CASE WHEN EXISTS (SELECT 1 FROM windowed) THEN 1 ELSE 0 END AS n
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM mine) OR NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM spoilt) THEN 'no'
        WHEN (SELECT n FROM proofs) = 4 THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT n FROM proofs) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM (SELECT DISTINCT event_id, event_time FROM issued)) AS events
