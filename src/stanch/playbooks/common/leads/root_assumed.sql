SELECT event_id
FROM acts
WHERE (event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRoot')
   OR (event_source = 'iam.amazonaws.com' AND event_name IN (
        'EnableOrganizationsRootSessions', 'EnableOrganizationsRootCredentialsManagement'))
