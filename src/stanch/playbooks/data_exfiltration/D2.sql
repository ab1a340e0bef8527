-- A policy that already let an account in is not a new share, nor is one with a declared partner held against anyone.
WITH names AS (
    SELECT DISTINCT event_name FROM actor_events
    WHERE error_code IS NULL AND event_time BETWEEN $since AND $until
      AND event_name IN (
        'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute',
        'ModifyDBClusterSnapshotAttribute', 'PutBucketPolicy', 'PutBucketReplication')
),
shares AS (
    SELECT
        e.event_id, e.event_time, e.event_name, e.event_time >= p.since AS recent,
        coalesce(
            e.bucket, json_extract_string(e.request_parameters, '$.snapshotId'),
            json_extract_string(e.request_parameters, '$.imageId'),
            json_extract_string(e.request_parameters, '$.dBSnapshotIdentifier'),
            json_extract_string(e.request_parameters, '$.dBClusterSnapshotIdentifier')
        ) AS what,
        coalesce(
            CAST(json_extract(e.request_parameters, '$.createVolumePermission.add') AS VARCHAR),
            CAST(json_extract(e.request_parameters, '$.launchPermission.add') AS VARCHAR),
            CAST(json_extract(e.request_parameters, '$.bucketPolicy') AS VARCHAR),
            CAST(json_extract(e.request_parameters, '$.ReplicationConfiguration') AS VARCHAR),
            CAST(json_extract(e.request_parameters, '$.valuesToAdd') AS VARCHAR), ''
        ) AS given
    FROM events e CROSS JOIN period p
    WHERE e.error_code IS NULL AND e.event_time BETWEEN $baseline AND $until
      AND e.event_name IN (SELECT event_name FROM names)
),
receivers AS (
    SELECT s.event_id, s.event_time, s.event_name, s.recent, s.what, x.account
    FROM shares s CROSS JOIN UNNEST(regexp_extract_all(s.given, '\b[0-9]{12}\b')) AS x(account)
    WHERE s.event_name <> 'PutBucketPolicy' OR contains(s.given, '"Allow"')
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
