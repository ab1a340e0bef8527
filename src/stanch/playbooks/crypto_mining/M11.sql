-- An automatic group launches what its template says: whoever changed that, launched. Which template it was, a launch
-- does not always tell, so every one of the account counts, but only by someone who never changed one before.
WITH launches AS (
    SELECT DISTINCT e.event_id, e.event_time
    FROM events e JOIN case_findings f
      ON list_contains(json_extract_string(e.response_elements, '$.instancesSet.items[*].instanceId'), f.instance_id)
    WHERE e.event_source = 'ec2.amazonaws.com' AND e.event_name = 'RunInstances' AND e.error_code IS NULL
      AND e.event_time BETWEEN $since - INTERVAL 7 DAY AND $until
      AND (coalesce(e.actor_type = 'AWSService', FALSE)
        OR coalesce(json_extract_string(e.user_identity, '$.invokedBy') LIKE '%.amazonaws.com', FALSE))
),
changes AS (
    SELECT event_id, event_time, principal_arn
    FROM events
    WHERE account_id = $account AND error_code IS NULL AND event_time BETWEEN $baseline AND $until
      AND event_name IN (
        'CreateLaunchTemplate', 'CreateLaunchTemplateVersion', 'ModifyLaunchTemplate', 'CreateLaunchConfiguration',
        'CreateAutoScalingGroup', 'UpdateAutoScalingGroup')
      AND coalesce(actor_type, '') <> 'AWSService'
      AND coalesce(json_extract_string(user_identity, '$.invokedBy'), '') NOT LIKE '%.amazonaws.com'
      AND principal_arn IS NOT NULL AND principal_arn NOT IN (SELECT role FROM pipelines)
),
shown AS (
    SELECT DISTINCT c.event_id, c.event_time
    FROM changes c JOIN launches l ON c.event_time BETWEEN l.event_time - INTERVAL 7 DAY AND l.event_time
    WHERE NOT EXISTS (
        SELECT 1 FROM changes b
        WHERE b.principal_arn = c.principal_arn AND b.event_time < l.event_time - INTERVAL 7 DAY)
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM launches) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
