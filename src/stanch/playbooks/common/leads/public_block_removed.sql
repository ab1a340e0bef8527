-- The lock that keeps public what is opened by mistake; of a bucket that the principal did not make.
WITH opened AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(json_extract_string(request_parameters, '$.bucketName'), '') AS target
    FROM acts
    WHERE error_code IS NULL AND (
        (event_source = 's3.amazonaws.com' AND event_name IN ('DeleteAccountPublicAccessBlock', 'DeleteBucketPublicAccessBlock'))
        OR (event_source = 's3.amazonaws.com' AND event_name IN ('PutAccountPublicAccessBlock', 'PutBucketPublicAccessBlock')
            AND regexp_matches(replace(request_parameters, ' ', ''), '"(BlockPublicPolicy|RestrictPublicBuckets)":"?false'))
        OR (event_source = 'ec2.amazonaws.com' AND event_name IN ('DisableSnapshotBlockPublicAccess', 'DisableImageBlockPublicAccess')))
)
SELECT a.event_id
FROM opened a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
