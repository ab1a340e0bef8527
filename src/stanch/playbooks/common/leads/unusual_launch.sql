-- Accelerators, the largest sizes and many at once are what miners want, from a new network also the middling
-- ones; a call that was denied wanted them too.
WITH launches AS (
    SELECT event_id, event_source, elsewhere, replace(request_parameters, ' ', '') AS asked
    FROM acts
    WHERE coalesce(error_code, '') NOT LIKE '%DryRun%' AND (
        (event_source = 'ec2.amazonaws.com' AND event_name IN (
            'RunInstances', 'RequestSpotInstances', 'RequestSpotFleet', 'CreateFleet', 'CreateLaunchTemplate',
            'CreateLaunchTemplateVersion'))
        OR (event_source = 'autoscaling.amazonaws.com' AND event_name IN ('CreateAutoScalingGroup', 'CreateLaunchConfiguration'))
        OR (event_source = 'eks.amazonaws.com' AND event_name = 'CreateNodegroup')
        OR (event_source = 'batch.amazonaws.com' AND event_name = 'CreateComputeEnvironment')
        OR (event_source = 'sagemaker.amazonaws.com' AND event_name IN (
            'CreateNotebookInstance', 'CreateTrainingJob', 'CreateProcessingJob', 'CreateEndpointConfig')))
)
SELECT event_id
FROM launches
WHERE regexp_matches(asked, '(?i)"instanceTypes?":\[?"(ml\.)?(p[0-9]|g[3-9]|gr[0-9]|trn|inf|dl[0-9]|f[0-9]|vt[0-9]|u-|x[12])')
   OR regexp_matches(asked, '(?i)"instanceTypes?":\[?"[a-z0-9.-]+\.(24|32|48|56|96|112)xlarge"')
   OR (event_source = 'ec2.amazonaws.com' AND regexp_matches(asked, '"minCount":([2-9][0-9]|[1-9][0-9]{2})[,}]'))
   OR regexp_matches(asked, '"(minSize|desiredCapacity)":([2-9][0-9]|[1-9][0-9]{2,})[,}]')
   OR (elsewhere AND regexp_matches(asked, '(?i)"instanceTypes?":\[?"[a-z0-9.-]+\.((12|16|18)xlarge|metal[a-z0-9-]*)"'))
