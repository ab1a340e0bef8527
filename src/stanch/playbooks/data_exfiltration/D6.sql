-- What moves data (reads, then deletes) does so every day: a settled habit of deleting in the bucket is no ransom.
WITH acts AS (
    SELECT DISTINCT
        event_id, event_time, bucket,
        CASE
            WHEN event_name IN ('GetObject', 'CopyObject', 'ListObjects', 'ListObjectsV2') THEN 'read'
            WHEN event_name IN ('DeleteObject', 'DeleteObjects') THEN 'delete'
            WHEN event_name IN ('PutObject', 'CopyObject')
             AND json_extract_string(request_parameters, '$."x-amz-server-side-encryption-customer-algorithm"') IS NOT NULL THEN 'lock'
        END AS act
    FROM actor_events
    WHERE event_source = 's3.amazonaws.com' AND error_code IS NULL AND bucket IS NOT NULL
      AND event_time BETWEEN $since AND $until
),
read_first AS (SELECT bucket, min(event_time) AS time FROM acts WHERE act = 'read' GROUP BY bucket),
harm AS (
    SELECT a.event_id, a.event_time, a.bucket
    FROM acts a JOIN read_first r ON r.bucket = a.bucket AND a.event_time > r.time
    WHERE a.act IN ('delete', 'lock')
      AND a.bucket NOT IN (SELECT value FROM choices WHERE kind = 'deletes in' AND settled)
),
harmed AS (SELECT bucket FROM harm GROUP BY bucket HAVING count(*) >= 10),
shown AS (SELECT event_id, event_time FROM harm WHERE bucket IN (SELECT bucket FROM harmed))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM acts WHERE act IS NOT NULL)
          OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM harmed) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
