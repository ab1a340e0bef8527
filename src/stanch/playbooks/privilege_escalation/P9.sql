-- Expected where the principal has made nearly all of its calls with a second factor, on at least three days.
WITH before AS (
    SELECT count(*) AS calls, count(*) FILTER (WHERE mfa) AS strong, count(DISTINCT event_date) FILTER (WHERE mfa) AS days
    FROM principal_events
    WHERE event_time >= $baseline AND event_time < $since
),
weak AS (
    SELECT c.event_id, c.event_time
    FROM chain_events c JOIN grants g ON g.event_id = c.event_id
    WHERE c.event_time BETWEEN $since AND $until AND NOT coalesce(c.mfa, FALSE)
)
SELECT
    CASE
        WHEN (SELECT days FROM before) < 3 OR (SELECT strong FROM before) < 0.9 * (SELECT calls FROM before) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM weak) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(DISTINCT event_id) FROM weak) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM (SELECT DISTINCT event_id, event_time FROM weak)) AS events
