-- Also what failed: a call for a trail that is not there was meant for one. Throttled calls and dry runs say nothing.
SELECT event_id
FROM acts
WHERE coalesce(error_code, '') NOT LIKE '%Throttl%' AND coalesce(error_code, '') NOT LIKE '%DryRun%'
  AND (
    (event_source = 'cloudtrail.amazonaws.com' AND event_name IN (
        'StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'StopEventDataStoreIngestion'))
    OR (event_source = 'cloudtrail.amazonaws.com' AND event_name = 'PutEventSelectors' AND (
        contains(replace(request_parameters, ' ', ''), '"includeManagementEvents":false')
        OR contains(replace(request_parameters, ' ', ''), '"readWriteType":"ReadOnly"')))
    OR (event_source = 'cloudtrail.amazonaws.com' AND event_name = 'UpdateTrail' AND (
        json_extract_string(request_parameters, '$.isMultiRegionTrail') = 'false'
        OR json_extract_string(request_parameters, '$.includeGlobalServiceEvents') = 'false'
        OR json_extract_string(request_parameters, '$.enableLogFileValidation') = 'false'))
    OR (event_source = 'guardduty.amazonaws.com' AND event_name IN (
        'DeleteDetector', 'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'StopMonitoringMembers',
        'DisableOrganizationAdminAccount', 'DeletePublishingDestination'))
    OR (event_source = 'guardduty.amazonaws.com' AND event_name = 'UpdateDetector'
        AND (json_extract_string(request_parameters, '$.enable') = 'false'
            OR contains(replace(request_parameters, ' ', ''), '"status":"DISABLED"')))
    OR (event_source = 'securityhub.amazonaws.com' AND event_name IN (
        'DisableSecurityHub', 'DisassociateFromAdministratorAccount', 'BatchDisableStandards', 'DisableOrganizationAdminAccount'))
    OR (event_source = 'config.amazonaws.com' AND event_name IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel'))
    OR (event_source = 'ec2.amazonaws.com' AND event_name = 'DeleteFlowLogs')
    OR (event_source = 'route53resolver.amazonaws.com' AND event_name IN (
        'DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig'))
    OR (event_source = 'route53.amazonaws.com' AND event_name = 'DeleteQueryLoggingConfig')
    OR (event_source = 'shield.amazonaws.com' AND event_name IN ('DeleteSubscription', 'DeleteProtection'))
    OR (event_source = 'access-analyzer.amazonaws.com' AND event_name = 'DeleteAnalyzer')
    OR (event_source = 'macie2.amazonaws.com' AND event_name = 'DisableMacie')
    OR (event_source = 'bedrock.amazonaws.com' AND event_name = 'DeleteModelInvocationLoggingConfiguration')
  )
