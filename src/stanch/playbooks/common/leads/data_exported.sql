SELECT event_id
FROM acts
WHERE elsewhere AND (
    (event_source = 'ec2.amazonaws.com' AND event_name IN ('CreateInstanceExportTask', 'ExportImage', 'CreateStoreImageTask'))
    OR (event_source = 'rds.amazonaws.com' AND event_name = 'StartExportTask')
    OR (event_source = 'dynamodb.amazonaws.com' AND event_name = 'ExportTableToPointInTime')
    OR (event_source = 'logs.amazonaws.com' AND event_name = 'CreateExportTask')
    OR (event_source = 'lightsail.amazonaws.com' AND event_name = 'ExportSnapshot')
    OR (event_source = 'transfer.amazonaws.com' AND event_name IN ('CreateServer', 'CreateUser', 'ImportSshPublicKey'))
    OR (event_source = 'acm.amazonaws.com' AND event_name = 'ExportCertificate')
    OR (event_source = 'datasync.amazonaws.com' AND event_name IN ('CreateTask', 'StartTaskExecution'))
    OR (event_source = 's3.amazonaws.com' AND event_name = 'PutBucketReplication')
    OR (event_source = 'dms.amazonaws.com' AND event_name IN ('CreateReplicationTask', 'StartReplicationTask'))
    OR (event_source = 'sns.amazonaws.com' AND event_name = 'Subscribe'
        AND json_extract_string(request_parameters, '$.protocol') IN ('email', 'email-json', 'http', 'https', 'sms')))
