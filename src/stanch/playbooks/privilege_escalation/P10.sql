-- Only AWS itself can take a service's linked role; AWS writes the role's path and by which service the call came.
WITH calls AS (
    SELECT DISTINCT
        event_id, event_time,
        principal_arn LIKE 'arn:%:iam::%:role/aws-service-role/sso.amazonaws.com/%'
            AND json_extract_string(user_identity, '$.invokedBy') = 'sso.amazonaws.com' AS linked
    FROM actor_events
    WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_and(coalesce(linked, FALSE)) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE linked) AS n,
    (list(event_id ORDER BY event_time, event_id) FILTER (WHERE linked))[1:20] AS events
FROM calls
