-- Whether it is a canary says the operator; that it was touched says the finding, or AWS's list of the resources.
WITH canaries AS (SELECT arn FROM assets WHERE workload = 'canary' OR data = 'canary'),
named AS (
    SELECT arn FROM canaries
    WHERE arn IN (SELECT arn FROM case_principals)
       OR arn IN (SELECT id FROM case_resources)
       OR arn IN (SELECT instance_arn FROM case_findings WHERE is_lead)
),
touched AS (
    SELECT DISTINCT e.event_id, e.event_time
    FROM actor_events e JOIN canaries c
      ON contains(e.resources, '"' || c.arn || '"') OR 'arn:aws:s3:::' || e.bucket = c.arn
      OR e.target_role = c.arn
    WHERE e.event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM canaries) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM named) OR EXISTS (SELECT 1 FROM touched) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM touched) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM touched) AS events
