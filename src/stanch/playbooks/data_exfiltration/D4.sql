WITH lists AS (
    SELECT DISTINCT event_id, event_time, bucket
    FROM actor_events
    WHERE event_source = 's3.amazonaws.com' AND error_code IS NULL AND event_time BETWEEN $since AND $until
      AND event_name IN ('ListBuckets', 'ListObjects', 'ListObjectsV2', 'ListObjectVersions')
),
firsts AS (
    SELECT bucket, count(*) AS objects
    FROM reads
    WHERE mine AND event_time BETWEEN $since AND $until
      AND bucket NOT IN (SELECT bucket FROM reads WHERE mine AND event_time < $since)
    GROUP BY bucket
),
shown AS (
    SELECT event_id, event_time FROM lists
    UNION
    SELECT event_id, event_time FROM reads
    WHERE mine AND event_time BETWEEN $since AND $until AND bucket IN (SELECT bucket FROM firsts)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM reads WHERE mine AND event_time BETWEEN $since AND $until)
          OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN (SELECT bool_and(declared) FROM declared_calls) THEN 'no' -- D8's matter
        WHEN EXISTS (SELECT 1 FROM lists)
         AND ((SELECT coalesce(max(objects), 0) FROM firsts) >= 50 OR (SELECT count(*) FROM firsts) >= 3) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM reads WHERE mine AND event_time BETWEEN $since AND $until
        AND bucket IN (SELECT bucket FROM firsts)) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown WHERE event_id IS NOT NULL) AS events
