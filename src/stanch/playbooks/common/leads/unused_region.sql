WITH builds AS (
    SELECT account_id, region, min(event_date) AS first_day
    FROM events
    WHERE error_code IS NULL AND event_name IN (
        'RunInstances', 'CreateVpc', 'CreateFunction20150331', 'CreateStack', 'CreateCluster', 'CreateDBInstance',
        'CreateAutoScalingGroup', 'StartInstances')
    GROUP BY account_id, region
),
accounts_seen AS (SELECT account_id, min(event_date) AS first_day FROM events GROUP BY account_id)
SELECT a.event_id
FROM acts a
JOIN accounts_seen s ON s.account_id = a.account_id AND s.first_day <= a.event_date - INTERVAL 14 DAY
LEFT JOIN builds b ON b.account_id = a.account_id AND b.region = a.region
WHERE coalesce(a.error_code, '') NOT LIKE '%DryRun%' AND (b.first_day IS NULL OR b.first_day >= a.event_date)
  AND ((a.event_source = 'ec2.amazonaws.com' AND a.event_name IN ('RunInstances', 'RequestSpotInstances', 'RequestSpotFleet', 'CreateFleet'))
    OR (a.event_source = 'ecs.amazonaws.com' AND a.event_name = 'RunTask')
    OR (a.event_source = 'lightsail.amazonaws.com' AND a.event_name = 'CreateInstances')
    OR (a.event_source = 'sagemaker.amazonaws.com' AND a.event_name IN ('CreateNotebookInstance', 'CreateTrainingJob')))
  AND EXISTS (SELECT 1 FROM builds o WHERE o.account_id = a.account_id AND o.region <> a.region)
