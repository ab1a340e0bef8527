-- A key that the principal did not make: what it has locked is lost with it.
WITH gone AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(regexp_extract(json_extract_string(request_parameters, '$.keyId'), '[^/]+$'), '') AS target
    FROM acts
    WHERE coalesce(error_code, '') NOT LIKE '%Throttl%' AND coalesce(error_code, '') NOT LIKE '%DryRun%' AND event_source = 'kms.amazonaws.com' AND event_name IN (
        'ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial', 'DeleteCustomKeyStore', 'DisconnectCustomKeyStore',
        'ImportKeyMaterial')
)
SELECT a.event_id
FROM gone a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
