-- Calls that hand something over or let someone in, and name an account that nobody declared.
WITH handing AS (
    SELECT event_id, account_id, request_parameters, response_elements, event_name
    FROM acts
    WHERE error_code IS NULL AND (
        (event_source = 'ssm.amazonaws.com' AND event_name = 'ModifyDocumentPermission')
        OR (event_source = 'redshift.amazonaws.com' AND event_name IN ('AuthorizeSnapshotAccess', 'AuthorizeDataShare'))
        OR (event_source = 'ram.amazonaws.com' AND event_name IN ('CreateResourceShare', 'AssociateResourceShare'))
        OR (event_source = 's3.amazonaws.com' AND event_name IN ('PutBucketReplication', 'PutBucketEncryption'))
        OR (event_source = 'logs.amazonaws.com' AND event_name = 'PutSubscriptionFilter')
        OR (event_source = 'events.amazonaws.com' AND event_name = 'PutTargets')
        OR (event_source = 'kms.amazonaws.com' AND event_name = 'CreateGrant')
        OR (event_source = 'ecr.amazonaws.com' AND event_name = 'PutReplicationConfiguration')
        OR (event_source = 'lakeformation.amazonaws.com' AND event_name IN ('GrantPermissions', 'BatchGrantPermissions'))
        OR (event_source = 'dynamodb.amazonaws.com' AND event_name = 'ExportTableToPointInTime')
        OR (event_source = 'ec2.amazonaws.com' AND event_name IN (
            'CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection', 'ModifyVpcEndpointServicePermissions',
            'CopySnapshot', 'CopyImage', 'ModifyEbsDefaultKmsKeyId'))
        OR (event_source = 'backup.amazonaws.com' AND event_name = 'StartCopyJob')
        OR (event_source = 'sns.amazonaws.com' AND event_name = 'Subscribe')
        OR (event_source = 'route53domains.amazonaws.com' AND event_name = 'TransferDomainToAnotherAwsAccount'))
),
named AS (
    SELECT event_id, account_id, unnest(regexp_extract_all(
        CASE event_name WHEN 'AcceptVpcPeeringConnection' THEN coalesce(response_elements, '')
            WHEN 'Subscribe' THEN concat(':', json_extract_string(request_parameters, '$.endpoint'), ':')
            ELSE request_parameters END,
        '[":]([0-9]{12})[":]', 1)) AS other
    FROM handing
)
SELECT event_id FROM named WHERE other <> account_id AND other NOT IN (SELECT id FROM known_accounts)
UNION
SELECT event_id
FROM handing
WHERE event_name = 'ModifyDocumentPermission'
  AND regexp_matches(replace(request_parameters, ' ', ''), '"accountIdsToAdd":\["?all"?\]|"accountIdsToAdd":"all"')
