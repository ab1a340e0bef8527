-- Permissions boundaries, and the policy that AWS itself puts on a key that it saw leaked.
SELECT event_id
FROM acts
WHERE event_source = 'iam.amazonaws.com' AND (
    event_name IN ('DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary')
    OR (event_name IN ('PutUserPermissionsBoundary', 'PutRolePermissionsBoundary')
        AND regexp_matches(
            json_extract_string(request_parameters, '$.permissionsBoundary'),
            '^arn:aws[a-z-]*:iam::aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$'))
    OR (event_name IN ('DetachUserPolicy', 'AttachUserPolicy')
        AND regexp_matches(
            json_extract_string(request_parameters, '$.policyArn'),
            '^arn:aws[a-z-]*:iam::aws:policy/AWSCompromisedKeyQuarantine'))
  )
