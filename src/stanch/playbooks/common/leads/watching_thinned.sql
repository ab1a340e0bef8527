-- Everyday work where somebody always is, and of what he made himself; telling from a network that is new to him.
WITH gone AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(coalesce(
            json_extract_string(request_parameters, '$.logGroupName'), json_extract_string(request_parameters, '$.alarmNames[0]'),
            json_extract_string(request_parameters, '$.name'), json_extract_string(request_parameters, '$.rule'),
            json_extract_string(request_parameters, '$.bucketName'), json_extract_string(request_parameters, '$.resourceArn'),
            json_extract_string(request_parameters, '$.configRuleName')
        ), '') AS target
    FROM acts
    WHERE elsewhere AND coalesce(error_code, '') NOT LIKE '%Throttl%' AND coalesce(error_code, '') NOT LIKE '%DryRun%'
      AND (
        (event_source = 'monitoring.amazonaws.com' AND event_name IN ('DeleteAlarms', 'DisableAlarmActions'))
        OR (event_source = 'logs.amazonaws.com' AND event_name IN (
            'DeleteLogGroup', 'DeleteLogStream', 'DeleteSubscriptionFilter', 'DeleteMetricFilter'))
        OR (event_source = 'events.amazonaws.com' AND event_name IN ('DisableRule', 'DeleteRule', 'RemoveTargets'))
        OR (event_source = 'config.amazonaws.com' AND event_name IN (
            'DeleteConfigRule', 'DeleteConformancePack', 'DeleteOrganizationConfigRule', 'DeleteRemediationConfiguration',
            'DeleteConfigurationAggregator', 'DeleteAggregationAuthorization'))
        OR (event_source IN ('wafv2.amazonaws.com', 'waf.amazonaws.com', 'waf-regional.amazonaws.com') AND event_name IN (
            'DeleteWebACL', 'DisassociateWebACL', 'DeleteLoggingConfiguration', 'DeleteRuleGroup', 'DeleteIPSet', 'DeleteRule'))
        OR (event_source = 'network-firewall.amazonaws.com' AND event_name IN ('DeleteFirewall', 'DeleteFirewallPolicy'))
        OR (event_source = 's3.amazonaws.com' AND event_name = 'PutBucketLogging'
            AND NOT contains(request_parameters, 'LoggingEnabled'))
        OR (event_source = 'ssm.amazonaws.com' AND event_name = 'DeleteResourceDataSync')
        OR (event_source = 'eks.amazonaws.com' AND event_name = 'UpdateClusterConfig'
            AND contains(replace(request_parameters, ' ', ''), '"enabled":false'))
      )
)
SELECT a.event_id
FROM gone a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
