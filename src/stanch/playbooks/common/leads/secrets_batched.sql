SELECT event_id
FROM acts
WHERE event_source = 'secretsmanager.amazonaws.com' AND event_name = 'BatchGetSecretValue'
  AND json_extract_string(request_parameters, '$.filters') IS NOT NULL
