-- Only calls that succeeded; a detector updated without `enable: false` goes on watching. Whoever but a declared
-- pipeline stops the logs themselves while the case goes on hides somebody.
WITH shown AS (
    SELECT event_id, event_time
    FROM events
    WHERE account_id = $account AND event_time BETWEEN $since AND $until
      AND error_code IS NULL
      AND event_name IN ('StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'DeleteFlowLogs')
      AND (principal_arn IS NULL OR principal_arn NOT IN (SELECT role FROM pipelines))
    UNION
    SELECT event_id, event_time
    FROM actor_events
    WHERE event_time BETWEEN $since AND $until
      AND error_code IS NULL
      AND (
        event_name IN (
            'StopLogging', 'DeleteTrail', 'PutEventSelectors', 'DeleteEventDataStore', 'DeleteDetector',
            'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DisableSecurityHub',
            'DeleteFlowLogs', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder',
            'DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock'
        )
        OR (event_name = 'UpdateDetector' AND json_extract_string(request_parameters, '$.enable') = 'false')
        OR (event_name IN ('PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
            AND 'false' IN (
                json_extract_string(request_parameters, '$.PublicAccessBlockConfiguration.BlockPublicAcls'),
                json_extract_string(request_parameters, '$.PublicAccessBlockConfiguration.IgnorePublicAcls'),
                json_extract_string(request_parameters, '$.PublicAccessBlockConfiguration.BlockPublicPolicy'),
                json_extract_string(request_parameters, '$.PublicAccessBlockConfiguration.RestrictPublicBuckets')))
      )
)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
