-- Not for a user whom the same principal made: that is how people are let in.
SELECT a.event_id
FROM acts a JOIN grants g ON g.event_id = a.event_id
WHERE g.kind = 'credential' AND NOT g.own AND g.target <> ''
  AND NOT EXISTS (
    SELECT 1 FROM events m
    WHERE m.account_id = a.account_id AND m.event_name = 'CreateUser' AND m.error_code IS NULL
      AND m.principal_arn = a.principal_arn AND m.event_time <= a.event_time
      AND json_extract_string(m.request_parameters, '$.userName') = g.target)
