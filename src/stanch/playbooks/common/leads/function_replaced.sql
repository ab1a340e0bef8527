-- Code, or a layer before it, of a function that the principal did not make, from a network that is new to it.
WITH changed AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(regexp_extract(json_extract_string(request_parameters, '$.functionName'), '[^:]+$'), '') AS target
    FROM acts
    WHERE elsewhere AND event_source = 'lambda.amazonaws.com' AND coalesce(error_code, '') NOT LIKE '%Throttl%'
      AND coalesce(json_extract_string(request_parameters, '$.dryRun'), '') <> 'true'
      AND (event_name LIKE 'UpdateFunctionCode%'
        OR event_name LIKE 'CreateEventSourceMapping%'
        OR (event_name LIKE 'UpdateFunctionConfiguration%' AND json_array_length(json_extract(request_parameters, '$.layers')) > 0))
)
SELECT a.event_id
FROM changed a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
