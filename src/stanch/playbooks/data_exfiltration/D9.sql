-- All receivers must be the organisation's or declared partners, and one of them a partner. It excuses a finding about
-- sharing and no other: who shares with a partner may still steal or destroy.
WITH given AS (
    SELECT DISTINCT
        event_id, event_time,
        unnest(regexp_extract_all(
            coalesce(
                CAST(json_extract(request_parameters, '$.createVolumePermission.add') AS VARCHAR),
                CAST(json_extract(request_parameters, '$.launchPermission.add') AS VARCHAR),
                CAST(json_extract(request_parameters, '$.bucketPolicy') AS VARCHAR),
                CAST(json_extract(request_parameters, '$.ReplicationConfiguration') AS VARCHAR),
                CAST(json_extract(request_parameters, '$.valuesToAdd') AS VARCHAR)
            ), '\b[0-9]{12}\b')) AS account
    FROM actor_events
    WHERE error_code IS NULL AND event_time BETWEEN $since AND $until
      AND event_name IN (
        'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute',
        'ModifyDBClusterSnapshotAttribute', 'PutBucketPolicy', 'PutBucketReplication')
)
SELECT
    CASE
        WHEN count(*) FILTER (WHERE account <> $account) = 0 THEN 'unknown'
        WHEN NOT EXISTS (
            SELECT 1 FROM case_findings
            WHERE is_lead AND (type LIKE '%/TransferDataToCloudAccount' OR type LIKE '%.Permission')) THEN 'unknown'
        WHEN bool_and(account = $account OR account IN (SELECT id FROM accounts)
            OR account IN (SELECT id FROM partner_accounts))
         AND bool_or(account IN (SELECT id FROM partner_accounts)) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(DISTINCT event_id) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20]
        FROM (SELECT DISTINCT event_id, event_time FROM given)) AS events
FROM given
