-- By an instance's own credentials: hosts do not decide who may do what. Denied attempts tell as much.
SELECT event_id
FROM acts
WHERE delivered AND event_source = 'iam.amazonaws.com' AND event_name IN (
    'CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'AttachUserPolicy', 'PutUserPolicy',
    'AttachRolePolicy', 'PutRolePolicy', 'UpdateAssumeRolePolicy', 'AddUserToGroup', 'CreatePolicyVersion')
