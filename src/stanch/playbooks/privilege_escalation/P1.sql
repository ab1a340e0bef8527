-- Assuming a role alone is everyone's daily work; the other ways count when all of their calls were made within a day.
-- A service that writes roles by its own linked role does what somebody told it: P3 and P10 speak for that.
WITH steps AS (
    SELECT DISTINCT p.path, p.steps, p.event_name AS step, c.event_id, c.event_time
    FROM chain_events c JOIN privesc_paths p ON p.event_source = c.event_source AND p.event_name = c.event_name
    WHERE c.event_time BETWEEN $since AND $until AND c.error_code IS NULL AND p.path <> 'sts-001'
      AND coalesce(c.principal_arn, '') NOT LIKE 'arn:%:iam::%:role/aws-service-role/%'
),
walked AS (
    SELECT a.path
    FROM steps a
    JOIN steps b ON b.path = a.path AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 24 HOUR
    GROUP BY a.path, a.steps, a.event_id
    HAVING count(DISTINCT b.step) = a.steps
),
shown AS (SELECT DISTINCT event_id, event_time FROM steps WHERE path IN (SELECT path FROM walked))
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM chain_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
