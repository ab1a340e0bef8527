-- For another user, whom the principal did not make; of one's own from a network that is new to oneself.
WITH changed AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source, elsewhere,
        nullif(coalesce(
            json_extract_string(request_parameters, '$.userName'),
            regexp_extract(json_extract_string(request_parameters, '$.serialNumber'), '[^/]+$')), '') AS target
    FROM acts
    WHERE event_source = 'iam.amazonaws.com' AND (
        event_name IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')
        OR (event_name = 'EnableMFADevice' AND error_code IS NULL))
)
SELECT a.event_id
FROM changed a
WHERE (a.elsewhere OR NOT ends_with(a.principal_arn, concat('/', a.target)))
  AND NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
