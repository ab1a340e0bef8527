-- The operator says what the role is for and which addresses are his; the hour only narrows that.
SELECT
    CASE WHEN count(*) = 0 THEN 'unknown' WHEN bool_and(declared) THEN 'yes' ELSE 'no' END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM declared_calls
