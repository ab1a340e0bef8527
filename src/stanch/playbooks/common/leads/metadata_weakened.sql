-- Instances that give their credentials to whoever makes them fetch an address.
SELECT event_id
FROM acts
WHERE error_code IS NULL AND event_source = 'ec2.amazonaws.com' AND (
    (event_name = 'ModifyInstanceMetadataOptions'
        AND regexp_matches(replace(request_parameters, ' ', ''), '(?i)"httpTokens":"optional"'))
    OR (event_name = 'ModifyInstanceMetadataDefaults'
        AND regexp_matches(replace(request_parameters, ' ', ''), '(?i)"httpTokens":"(optional|no-preference)"')))
