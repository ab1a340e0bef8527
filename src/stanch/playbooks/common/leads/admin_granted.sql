-- To a user, or to a role that outsiders may assume: a pipeline's own role is given much every day.
WITH given AS (
    SELECT a.event_id, a.account_id, a.principal_arn, a.event_time, g.holder, g.target
    FROM acts a JOIN grants g ON g.event_id = a.event_id
    WHERE NOT g.own AND g.kind = 'rights' AND (g.admin OR g.iam)
),
opened AS (
    SELECT a.event_id, a.account_id, g.target FROM acts a JOIN grants g ON g.event_id = a.event_id
    WHERE g.kind = 'trust' AND g.outsider
),
users AS (SELECT * FROM given WHERE holder = 'user'),
roles AS (
    SELECT n.event_id, o.event_id AS opening
    FROM given n JOIN opened o ON o.account_id = n.account_id AND o.target = n.target
    WHERE n.holder = 'role'
)
SELECT event_id FROM users
UNION SELECT event_id FROM roles
UNION SELECT opening FROM roles
UNION
SELECT a.event_id
FROM users u
JOIN acts a ON a.account_id = u.account_id AND a.principal_arn = u.principal_arn
    AND a.event_time BETWEEN u.event_time - INTERVAL 24 HOUR AND u.event_time + INTERVAL 24 HOUR
    AND a.event_name IN ('CreateUser', 'CreateAccessKey', 'CreateLoginProfile') AND a.error_code IS NULL
    AND json_extract_string(a.request_parameters, '$.userName') = u.target
