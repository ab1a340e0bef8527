-- What holds an account: the policies over it, its membership, the services that watch all accounts.
SELECT event_id
FROM acts
WHERE event_source = 'organizations.amazonaws.com' AND (event_name IN (
    'DetachPolicy', 'DisablePolicyType', 'RemoveAccountFromOrganization', 'CloseAccount', 'DisableAWSServiceAccess',
    'DeregisterDelegatedAdministrator', 'AcceptHandshake', 'MoveAccount')
    OR (elsewhere AND event_name IN ('CreateAccount', 'InviteAccountToOrganization', 'CreateOrganization')))
