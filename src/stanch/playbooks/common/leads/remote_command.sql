-- A person at a desk or a pipeline comes with a session; a user's long-term key that runs shells everywhere is rare.
SELECT event_id
FROM acts
WHERE event_source = 'ssm.amazonaws.com' AND event_name = 'SendCommand'
  AND json_extract_string(request_parameters, '$.documentName') LIKE 'AWS-Run%Script'
  AND actor_type = 'IAMUser' AND access_key_id LIKE 'AKIA%'
