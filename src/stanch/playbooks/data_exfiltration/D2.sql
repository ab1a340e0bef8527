-- A policy that already let an account in is not a new share, and a declared partner is D9's matter.
WITH shares AS (
    SELECT
        e.event_id, e.event_time, e.event_name, e.event_time >= $since AS recent,
        coalesce(
            e.bucket, json_extract_string(e.request_parameters, '$.snapshotId'),
            json_extract_string(e.request_parameters, '$.imageId'),
            json_extract_string(e.request_parameters, '$.dBSnapshotIdentifier'),
            json_extract_string(e.request_parameters, '$.dBClusterSnapshotIdentifier')
        ) AS what,
        CASE e.event_name
            WHEN 'ModifySnapshotAttribute' THEN json_extract(e.request_parameters, '$.createVolumePermission.add')
            WHEN 'ModifyImageAttribute' THEN json_extract(e.request_parameters, '$.launchPermission.add')
            WHEN 'PutBucketPolicy' THEN json_extract(e.request_parameters, '$.bucketPolicy')
            WHEN 'PutBucketReplication' THEN json_extract(e.request_parameters, '$.ReplicationConfiguration')
            ELSE json_extract(e.request_parameters, '$.valuesToAdd')
        END AS given
    FROM events e
    WHERE e.error_code IS NULL AND e.event_time BETWEEN $baseline AND $until
      AND e.event_name IN (
        'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute',
        'ModifyDBClusterSnapshotAttribute', 'PutBucketPolicy', 'PutBucketReplication')
),
receivers AS (
    SELECT s.*, unnest(regexp_extract_all(CAST(s.given AS VARCHAR), '\b[0-9]{12}\b')) AS account
    FROM shares s
    WHERE s.event_name <> 'PutBucketPolicy' OR contains(CAST(s.given AS VARCHAR), '"Allow"')
),
new AS (
    SELECT DISTINCT r.event_id, r.event_time, r.account
    FROM receivers r
    WHERE r.recent AND r.event_id IN (SELECT event_id FROM actor_events)
      AND r.account <> $account AND r.account NOT IN (SELECT id FROM partner_accounts)
      AND NOT EXISTS (
        SELECT 1 FROM receivers b
        WHERE NOT b.recent AND b.event_name = r.event_name AND b.what = r.what AND b.account = r.account)
),
shown AS (SELECT DISTINCT event_id, event_time FROM new WHERE account NOT IN (SELECT id FROM accounts))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN NOT EXISTS (SELECT 1 FROM new) THEN 'no'
        WHEN NOT EXISTS (SELECT 1 FROM accounts) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
