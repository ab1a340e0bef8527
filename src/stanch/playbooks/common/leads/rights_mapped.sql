-- Who is who and who may what, all of it, from a network that is new to whoever asks.
WITH asked AS (
    SELECT event_id, event_time, account_id, principal_arn, event_name
    FROM acts
    WHERE elsewhere AND event_source = 'iam.amazonaws.com' AND event_name IN (
        'GetAccountAuthorizationDetails', 'ListUsers', 'ListGroups', 'ListRoles', 'ListUserPolicies', 'GetUserPolicy',
        'ListAttachedUserPolicies', 'ListGroupsForUser', 'ListGroupPolicies', 'ListAttachedGroupPolicies', 'GetGroupPolicy',
        'ListAccessKeys', 'ListMFADevices', 'GetLoginProfile', 'GetCredentialReport', 'GenerateCredentialReport',
        'ListSAMLProviders', 'ListEntitiesForPolicy', 'SimulatePrincipalPolicy', 'GetAccessKeyLastUsed')
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM asked a JOIN asked b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.event_name) >= 7 OR bool_or(b.event_name = 'GetAccountAuthorizationDetails')
)
SELECT DISTINCT r.event_id
FROM asked r JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn
    AND r.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 10 MINUTE
