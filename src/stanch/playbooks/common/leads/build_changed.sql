-- What a build runs, with the build's own rights, changed by someone who did not make it.
WITH changed AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(coalesce(
            json_extract_string(request_parameters, '$.projectName'), json_extract_string(request_parameters, '$.name'),
            json_extract_string(request_parameters, '$.pipeline.name'), json_extract_string(request_parameters, '$.stackName')), '') AS target
    FROM acts
    WHERE elsewhere AND error_code IS NULL AND (
        (event_source = 'codebuild.amazonaws.com' AND event_name IN ('UpdateProject', 'ImportSourceCredentials', 'UpdateWebhook'))
        OR (event_source = 'codebuild.amazonaws.com' AND event_name IN ('StartBuild', 'StartBuildBatch')
            AND (json_extract_string(request_parameters, '$.buildspecOverride') IS NOT NULL
                OR json_extract_string(request_parameters, '$.sourceLocationOverride') IS NOT NULL))
        OR (event_source = 'codepipeline.amazonaws.com' AND event_name = 'UpdatePipeline')
        OR (event_source = 'glue.amazonaws.com' AND event_name = 'UpdateJob')
        OR (event_source = 'apprunner.amazonaws.com' AND event_name = 'UpdateService'))
)
SELECT a.event_id
FROM changed a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
