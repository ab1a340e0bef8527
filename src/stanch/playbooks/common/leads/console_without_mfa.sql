SELECT event_id
FROM acts
WHERE event_name = 'ConsoleLogin' AND actor_type = 'IAMUser' AND error_code IS NULL
  AND json_extract_string(response_elements, '$.ConsoleLogin') = 'Success'
  AND json_extract_string(additional_event_data, '$.MFAUsed') = 'No'
