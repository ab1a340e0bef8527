-- People and their rights over all accounts, changed from a network that is new to whoever does it.
SELECT event_id
FROM acts
WHERE elsewhere AND (
    (event_source = 'sso.amazonaws.com' AND event_name IN (
        'CreateAccountAssignment', 'AttachManagedPolicyToPermissionSet', 'PutInlinePolicyToPermissionSet',
        'AttachCustomerManagedPolicyReferenceToPermissionSet', 'DeletePermissionsBoundaryFromPermissionSet'))
    OR (event_source IN ('identitystore.amazonaws.com', 'sso-directory.amazonaws.com') AND event_name IN (
        'CreateUser', 'CreateGroupMembership', 'AddMemberToGroup', 'UpdatePassword', 'DeleteMfaDeviceForUser',
        'UpdateMfaDeviceForUser')))
