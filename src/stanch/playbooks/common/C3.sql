-- New means never seen: not by the principal on any day before the case, nor by two or more of its established peers.
-- People look at something new every week: of a person's session only what changes something, or hands out secrets or
-- data, counts. A program does what it was written to do.
-- What it did on the day before is its daily work; the finding is about what began at its first sight, or an hour before.
WITH found AS (SELECT began FROM case_findings WHERE is_lead),
now AS (
    SELECT DISTINCT
        a.event_id, a.event_time, a.event_source || ':' || a.event_name AS api,
        coalesce(a.principal_arn, '') LIKE '%:role/aws-reserved/sso.amazonaws.com/%' AND coalesce(a.read_only, FALSE)
            AND a.event_name NOT IN (
                'GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters', 'GetParametersByPath',
                'GetPasswordData', 'GetObject', 'Decrypt') AS looking
    FROM actor_events a JOIN found f ON a.event_time >= f.began - INTERVAL 1 HOUR
    WHERE a.scope = 'credential' AND a.error_code IS NULL AND a.event_time BETWEEN $since AND $until
),
before AS (
    SELECT DISTINCT event_source || ':' || event_name AS api
    FROM principal_events
    WHERE event_time >= $baseline AND event_time < $since
),
new AS (
    SELECT event_id, event_time FROM now
    WHERE NOT looking AND api NOT IN (SELECT api FROM before) AND api NOT IN (SELECT api FROM peer_habits WHERE peers >= 2)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM now) OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM new) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM new) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM new) AS events
