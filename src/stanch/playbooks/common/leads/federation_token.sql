SELECT event_id
FROM acts
WHERE error_code IS NULL AND event_source = 'sts.amazonaws.com' AND event_name = 'GetFederationToken'
  AND actor_type = 'IAMUser'
