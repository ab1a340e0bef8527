-- Blocks read out of snapshots; or a snapshot made into a disk and the disk hung on a host, within the hour.
WITH steps AS (
    SELECT event_id, event_time, account_id, principal_arn, event_name
    FROM acts
    WHERE elsewhere AND error_code IS NULL AND event_source = 'ec2.amazonaws.com'
      AND event_name IN ('CreateSnapshot', 'CreateSnapshots', 'CreateVolume', 'AttachVolume', 'CreateImage')
),
chains AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM steps a JOIN steps b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.event_name) >= 3
)
SELECT event_id
FROM acts
WHERE event_source = 'ebs.amazonaws.com' AND event_name IN ('ListSnapshotBlocks', 'GetSnapshotBlock', 'ListChangedBlocks')
UNION
SELECT s.event_id
FROM steps s JOIN chains c ON c.account_id = s.account_id AND c.principal_arn = s.principal_arn
    AND s.event_time BETWEEN c.event_time AND c.event_time + INTERVAL 1 HOUR
