SELECT event_id
FROM acts
WHERE event_source = 'iam.amazonaws.com' AND (
    event_name = 'DeleteAccountPasswordPolicy'
    OR (event_name = 'UpdateAccountPasswordPolicy' AND error_code IS NULL
        AND CAST(json_extract_string(request_parameters, '$.minimumPasswordLength') AS INTEGER) < 8))
