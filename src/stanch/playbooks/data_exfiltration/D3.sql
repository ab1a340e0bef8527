-- `*` under a condition may be narrow: such a policy is left to people.
WITH changes AS (
    SELECT DISTINCT
        event_id, event_time, event_name, coalesce(bucket, '') AS bucket,
        replace(
            coalesce(CAST(json_extract(request_parameters, '$.bucketPolicy') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$.AccessControlPolicy') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$."x-amz-acl"') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$."x-amz-grant-read"') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$."x-amz-grant-write"') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$."x-amz-grant-full-control"') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$.createVolumePermission.add') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$.launchPermission.add') AS VARCHAR), '')
            || coalesce(CAST(json_extract(request_parameters, '$.valuesToAdd') AS VARCHAR), ''),
            ' ', '') AS said
    FROM actor_events
    WHERE error_code IS NULL AND event_time BETWEEN $since AND $until
      AND event_name IN (
        'PutBucketPolicy', 'PutBucketAcl', 'ModifySnapshotAttribute', 'ModifyImageAttribute',
        'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
),
judged AS (
    SELECT
        event_id, event_time,
        CASE
            WHEN 'arn:aws:s3:::' || bucket IN (
                SELECT arn FROM assets WHERE workload = 'public-website' OR data = 'public') THEN 'no'
            WHEN event_name = 'PutBucketPolicy' AND contains(said, '"Allow"')
             AND (contains(said, '"Principal":"*"') OR contains(said, '"AWS":"*"') OR contains(said, '"AWS":["*"]'))
                THEN CASE WHEN contains(said, '"Condition"') THEN 'unknown' ELSE 'yes' END
            WHEN event_name = 'PutBucketAcl' AND regexp_matches(said, 'global/(AllUsers|AuthenticatedUsers)|public-read')
                THEN 'yes'
            WHEN event_name IN ('ModifySnapshotAttribute', 'ModifyImageAttribute')
             AND contains(said, '"group":"all"') THEN 'yes'
            WHEN event_name LIKE 'ModifyDB%' AND contains(said, '"all"') THEN 'yes'
            ELSE 'no'
        END AS public
    FROM changes
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN count(*) FILTER (WHERE public = 'yes') > 0 THEN 'yes'
        WHEN count(*) FILTER (WHERE public = 'unknown') > 0 THEN 'unknown'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE public = 'yes') AS n,
    (list(event_id ORDER BY event_time, event_id) FILTER (WHERE public = 'yes'))[1:20] AS events
FROM judged
