-- Medians over days: a few great days in the past, an attacker's or a backup's, do not make the next one usual. The
-- floor keeps small numbers from looking like a multiple.
WITH now AS (
    SELECT bucket, event_date, count(*) AS objects, sum(bytes) AS bytes
    FROM reads WHERE mine AND event_time BETWEEN $since AND $until
    GROUP BY bucket, event_date
),
own AS (SELECT * FROM read_usual WHERE mine),
others AS (SELECT * FROM read_usual WHERE NOT mine AND days >= 5),
limits AS (
    SELECT
        n.bucket, n.event_date, n.objects, n.bytes,
        greatest(
            100, 5 * coalesce(p.objects, 0),
            CASE WHEN coalesce(o.days, 0) < 5 THEN 5 * coalesce(o.most_objects, 0)
                 ELSE greatest(5 * o.objects, o.high_objects) END
        ) AS most_objects,
        greatest(
            50000000, 5 * coalesce(p.bytes, 0),
            CASE WHEN coalesce(o.days, 0) < 5 THEN 5 * coalesce(o.most_bytes, 0)
                 ELSE greatest(5 * o.bytes, o.high_bytes) END
        ) AS most_bytes
    FROM now n LEFT JOIN own o ON o.bucket = n.bucket LEFT JOIN others p ON p.bucket = n.bucket
),
beyond AS (SELECT bucket, event_date FROM limits WHERE objects > most_objects OR bytes > most_bytes),
shown AS (
    SELECT DISTINCT r.event_id, r.event_time
    FROM reads r JOIN beyond o ON o.bucket = r.bucket AND o.event_date = r.event_date
    WHERE r.mine AND r.event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM now) OR NOT EXISTS (SELECT 1 FROM profiles WHERE established) THEN 'unknown'
        WHEN (SELECT bool_and(declared) FROM declared_calls) THEN 'no' -- D8's matter
        WHEN EXISTS (SELECT 1 FROM beyond) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown WHERE event_id IS NOT NULL) AS events
