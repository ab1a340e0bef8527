-- Whom the account believes. A cluster's own provider is AWS's.
SELECT event_id
FROM acts
WHERE (event_source = 'iam.amazonaws.com' AND event_name IN ('CreateSAMLProvider', 'UpdateSAMLProvider', 'AddClientIDToOpenIDConnectProvider'))
   OR (event_source = 'iam.amazonaws.com' AND event_name = 'CreateOpenIDConnectProvider'
        AND NOT regexp_matches(
            coalesce(json_extract_string(request_parameters, '$.url'), ''), '^(https://)?oidc\.eks\.[a-z0-9-]+\.amazonaws\.com/'))
   OR (event_source = 'cognito-identity.amazonaws.com' AND event_name = 'UpdateIdentityPool'
        AND json_extract_string(request_parameters, '$.allowUnauthenticatedIdentities') = 'true')
   OR (event_source = 'rolesanywhere.amazonaws.com' AND event_name IN (
        'CreateTrustAnchor', 'UpdateTrustAnchor', 'EnableTrustAnchor', 'CreateProfile', 'ImportCrl', 'DisableCrl', 'DeleteCrl'))
   OR (event_source IN ('sso.amazonaws.com', 'sso-directory.amazonaws.com') AND event_name IN (
        'CreateTrustedTokenIssuer', 'CreateExternalIdPConfigurationForDirectory', 'AssociateDirectory',
        'EnableExternalIdPConfigurationForDirectory', 'UpdateExternalIdPConfigurationForDirectory',
        'DisableExternalIdPConfigurationForDirectory'))
