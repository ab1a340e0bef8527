-- Whoever finds a key asks first whose it is, then what it may do: the question, and what was refused within the hour.
WITH asked AS (
    SELECT event_id, event_time, account_id, principal_arn, access_key_id
    FROM acts
    WHERE elsewhere AND actor_type = 'IAMUser' AND access_key_id LIKE 'AKIA%'
      AND event_source = 'sts.amazonaws.com' AND event_name = 'GetCallerIdentity'
),
refused AS (
    SELECT event_id, event_time, account_id, access_key_id, concat(event_source, ':', event_name) AS api
    FROM acts
    WHERE elsewhere AND access_key_id LIKE 'AKIA%'
      AND (error_code LIKE '%AccessDenied%' OR error_code LIKE '%UnauthorizedOperation%')
),
pairs AS (
    SELECT a.event_id AS question, r.event_id AS refusal, r.api
    FROM asked a JOIN refused r ON r.account_id = a.account_id AND r.access_key_id = a.access_key_id
        AND r.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
),
telling AS (SELECT question FROM pairs GROUP BY question HAVING count(DISTINCT api) >= 3)
SELECT question AS event_id FROM telling
UNION
SELECT refusal FROM pairs WHERE question IN (SELECT question FROM telling)
