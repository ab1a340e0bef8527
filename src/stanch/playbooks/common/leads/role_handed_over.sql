-- Of a role that the principal did not make itself, from a network that is new to it; or in a way that nobody needs.
WITH handed AS (
    SELECT a.event_id, a.account_id, a.principal_arn, a.event_time,
        nullif(regexp_extract(g.target, '[^/]+$'), '') AS target
    FROM acts a JOIN grants g ON g.event_id = a.event_id
    WHERE g.kind = 'pass' AND a.elsewhere
),
unneeded AS (
    SELECT event_id
    FROM acts
    WHERE (event_source = 'ecs.amazonaws.com' AND event_name IN ('RunTask', 'StartTask')
            AND json_extract_string(request_parameters, '$.overrides.taskRoleArn') IS NOT NULL)
       OR (event_source = 'glue.amazonaws.com' AND event_name IN ('CreateDevEndpoint', 'UpdateDevEndpoint'))
       OR (event_source = 'ec2.amazonaws.com' AND elsewhere
            AND event_name IN ('AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation'))
       OR (event_source = 'sagemaker.amazonaws.com' AND elsewhere
            AND event_name IN ('CreatePresignedNotebookInstanceUrl', 'CreateNotebookInstanceLifecycleConfig',
                'UpdateNotebookInstanceLifecycleConfig'))
)
SELECT a.event_id
FROM handed a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn
      AND m.event_source = 'iam.amazonaws.com' AND m.event_time <= a.event_time AND m.name = a.target)
UNION
SELECT event_id FROM unneeded
