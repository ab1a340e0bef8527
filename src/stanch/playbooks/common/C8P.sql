-- Exactly three of the four proofs, of which the registry must be one; see C8.
WITH mine AS (
    SELECT p.role, p.provider, p.subject, p.networks
    FROM pipelines p WHERE p.role IN (SELECT arn FROM case_principals)
),
calls AS (
    SELECT event_id, principal_arn, source_ip, access_key_id
    FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
),
named AS (
    SELECT event_id, event_time, issued_key_id, principal_id, json_extract_string(user_identity, '$.identityProvider') AS issuer
    FROM events WHERE event_name = 'AssumeRoleWithWebIdentity' AND error_code IS NULL
),
tokens AS ( -- AWS writes what it checked into the principal's id: `ISSUER:AUDIENCE:SUBJECT`
    SELECT event_id, event_time, issued_key_id, principal_id, issuer,
        concat(issuer, ':', split_part(substr(principal_id, length(issuer) + 2), ':', 1), ':') AS prefix
    FROM named
),
issued AS (
    SELECT t.event_id, t.event_time
    FROM tokens t JOIN calls c ON c.access_key_id = t.issued_key_id
    JOIN mine m ON m.role = c.principal_arn
    WHERE m.provider <> '' AND m.subject <> ''
      AND (t.issuer = m.provider OR split_part(t.issuer, '-provider/', 2) = m.provider)
      AND (t.principal_id = concat(t.prefix, m.subject)
        OR (m.subject LIKE '%*' AND starts_with(t.principal_id, concat(t.prefix, replace(m.subject, '*', '')))))
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
        WHEN (SELECT n FROM proofs) = 3 THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT n FROM proofs) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM (SELECT DISTINCT event_id, event_time FROM issued)) AS events
