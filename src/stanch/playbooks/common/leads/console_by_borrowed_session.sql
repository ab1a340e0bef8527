-- A host, or a session that was made from a key, has no business at the console; without a code of the second factor a
-- session gives its key nothing that it had not.
SELECT event_id
FROM acts
WHERE error_code IS NULL AND (
    (event_source = 'signin.amazonaws.com' AND event_name IN ('ConsoleLogin', 'GetSigninToken')
        AND (delivered OR actor_type = 'FederatedUser'))
    OR (event_source = 'sts.amazonaws.com' AND event_name = 'GetSessionToken' AND actor_type = 'IAMUser' AND elsewhere
        AND access_key_id LIKE 'AKIA%' AND json_extract_string(request_parameters, '$.serialNumber') IS NULL))
