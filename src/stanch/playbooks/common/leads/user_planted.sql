-- A new user with its own key or password, made from a network where the maker, who was there before, has never been.
WITH made AS (
    SELECT event_id, account_id, principal_arn, event_time, event_name, json_extract_string(request_parameters, '$.userName') AS who
    FROM acts
    WHERE elsewhere AND seasoned AND error_code IS NULL AND event_source = 'iam.amazonaws.com'
      AND event_name IN ('CreateUser', 'CreateAccessKey', 'CreateLoginProfile')
),
pairs AS (
    SELECT u.event_id AS made_by, k.event_id AS given_by
    FROM made u JOIN made k ON k.account_id = u.account_id AND k.principal_arn = u.principal_arn AND k.who = u.who
        AND k.event_name <> 'CreateUser'
        AND k.event_time BETWEEN u.event_time AND u.event_time + INTERVAL 1 HOUR
    WHERE u.event_name = 'CreateUser'
)
SELECT made_by AS event_id FROM pairs UNION SELECT given_by FROM pairs
