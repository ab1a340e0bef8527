WITH touched AS (
    SELECT id AS arn FROM case_resources
    UNION
    SELECT 'arn:aws:s3:::' || bucket FROM actor_events WHERE bucket IS NOT NULL AND event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(a.data IN ('sensitive', 'confidential', 'restricted', 'secret', 'personal', 'regulated')) THEN 'yes'
        WHEN bool_and(coalesce(a.data, '') = '') THEN 'unknown'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM assets a JOIN touched t ON t.arn = a.arn
