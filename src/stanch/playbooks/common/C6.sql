-- Only calls that succeeded; a detector updated without `enable: false` goes on watching.
WITH shown AS (
    SELECT DISTINCT event_id, event_time
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
            AND contains(request_parameters, 'false'))
      )
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
