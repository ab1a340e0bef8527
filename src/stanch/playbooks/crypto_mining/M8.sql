-- Bound to the launcher and the instance itself: a responder who protects evidence switches it on, too.
WITH launches AS (
    SELECT DISTINCT
        e.event_id, e.event_time, e.principal_arn,
        json_extract_string(e.request_parameters, '$.disableApiTermination') AS forbidden
    FROM events e JOIN case_findings f
      ON list_contains(json_extract_string(e.response_elements, '$.instancesSet.items[*].instanceId'), f.instance_id)
    WHERE e.event_source = 'ec2.amazonaws.com' AND e.event_name = 'RunInstances' AND e.error_code IS NULL
      AND e.event_time BETWEEN $since - INTERVAL 7 DAY AND $until
),
protected AS (
    SELECT event_id, event_time FROM launches
    WHERE forbidden = 'true'
    UNION
    SELECT e.event_id, e.event_time
    FROM events e JOIN case_findings f ON json_extract_string(e.request_parameters, '$.instanceId') = f.instance_id
    WHERE e.event_source = 'ec2.amazonaws.com' AND e.event_name = 'ModifyInstanceAttribute' AND e.error_code IS NULL
      AND json_extract_string(e.request_parameters, '$.disableApiTermination.value') = 'true'
      AND e.event_time BETWEEN $since - INTERVAL 7 DAY AND $until
      AND (e.principal_arn IN (SELECT principal_arn FROM launches)
           OR e.event_id IN (SELECT event_id FROM actor_events))
)
SELECT
    CASE WHEN count(*) > 0 THEN 'yes' WHEN EXISTS (SELECT 1 FROM launches) THEN 'no' ELSE 'unknown' END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM protected
