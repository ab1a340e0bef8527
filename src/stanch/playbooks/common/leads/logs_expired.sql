SELECT event_id
FROM acts
WHERE error_code IS NULL AND event_source = 's3.amazonaws.com'
  AND event_name IN ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration')
  AND regexp_matches(replace(request_parameters, ' ', ''), '"Expiration":\{[^}]*"Days":"?[1-3]"?[,}]')
  AND contains(replace(request_parameters, ' ', ''), '"Status":"Enabled"')
