-- The same principal starts, or tries to start, machines in three regions within the hour.
WITH tried AS (
    SELECT event_id, event_time, account_id, principal_arn, region
    FROM acts
    WHERE coalesce(error_code, '') NOT LIKE '%DryRun%' AND (
        (event_source = 'ec2.amazonaws.com' AND event_name IN ('RunInstances', 'RequestSpotInstances', 'RequestSpotFleet', 'CreateFleet'))
        OR (event_source = 'autoscaling.amazonaws.com' AND event_name = 'CreateAutoScalingGroup')
        OR (event_source = 'ecs.amazonaws.com' AND event_name IN ('CreateCluster', 'CreateService', 'RunTask'))
        OR (event_source = 'lightsail.amazonaws.com' AND event_name = 'CreateInstances')
        OR (event_source = 'sagemaker.amazonaws.com' AND event_name IN ('CreateNotebookInstance', 'CreateTrainingJob'))
        OR (event_source = 'batch.amazonaws.com' AND event_name = 'CreateComputeEnvironment'))
),
minutes AS (
    SELECT DISTINCT account_id, principal_arn, region, date_trunc('minute', event_time) AS minute FROM tried
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.minute
    FROM minutes a JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute BETWEEN a.minute AND a.minute + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.minute
    HAVING count(DISTINCT b.region) >= 3
)
SELECT DISTINCT t.event_id
FROM tried t JOIN bursts b ON b.account_id = t.account_id AND b.principal_arn = t.principal_arn
    AND t.event_time >= b.minute AND t.event_time < b.minute + INTERVAL 61 MINUTE
