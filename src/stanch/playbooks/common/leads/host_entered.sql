-- Ways onto a host or into a container, from a network that is new to whoever takes them. Commands by a long-term key
-- are a lead of their own.
SELECT event_id
FROM acts
WHERE (elsewhere AND (
        (event_source = 'ssm.amazonaws.com' AND event_name IN ('StartSession', 'ResumeSession', 'CreateAssociation'))
        OR (event_source = 'ssm.amazonaws.com' AND event_name = 'SendCommand' AND actor_type <> 'IAMUser'
            AND (json_extract_string(request_parameters, '$.documentName') LIKE 'AWS-Run%'
                OR json_extract_string(request_parameters, '$.documentName') NOT LIKE 'AWS-%'))
        OR (event_source = 'ec2-instance-connect.amazonaws.com' AND event_name IN ('SendSSHPublicKey', 'OpenTunnel'))
        OR (event_source = 'ec2.amazonaws.com' AND event_name = 'GetPasswordData')
        OR (event_source = 'ecs.amazonaws.com' AND event_name = 'ExecuteCommand')
        OR (event_source = 'lightsail.amazonaws.com' AND event_name IN ('DownloadDefaultKeyPair', 'GetInstanceAccessDetails'))))
   OR (event_source = 'ec2-instance-connect.amazonaws.com' AND event_name = 'SendSerialConsoleSSHPublicKey')
   OR (event_source = 'ec2.amazonaws.com' AND event_name = 'EnableSerialConsoleAccess')
