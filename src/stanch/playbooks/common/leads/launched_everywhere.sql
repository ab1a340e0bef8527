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
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM tried a JOIN tried b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.region) >= 3
)
SELECT DISTINCT t.event_id
FROM tried t JOIN bursts b ON b.account_id = t.account_id AND b.principal_arn = t.principal_arn
    AND t.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 1 HOUR
