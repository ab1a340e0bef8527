WITH launches AS (
    SELECT DISTINCT
        e.event_id, e.event_time,
        coalesce(e.actor_type = 'AWSService', FALSE)
            OR coalesce(json_extract_string(e.user_identity, '$.invokedBy') LIKE '%.amazonaws.com', FALSE)
            OR coalesce(e.principal_arn IN (SELECT role FROM pipelines), FALSE) AS expected
    FROM events e JOIN case_findings f
      ON list_contains(json_extract_string(e.response_elements, '$.instancesSet.items[*].instanceId'), f.instance_id)
    WHERE e.event_source = 'ec2.amazonaws.com' AND e.event_name = 'RunInstances' AND e.error_code IS NULL
      AND e.event_time BETWEEN $baseline AND $until
),
surprises AS (
    SELECT event_id FROM launches WHERE NOT expected AND event_time >= $since - INTERVAL 7 DAY
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM surprises) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM launches
