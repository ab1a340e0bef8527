-- Accelerators and the largest sizes are what miners want; a call that was denied wanted them too.
SELECT event_id
FROM acts
WHERE event_source = 'ec2.amazonaws.com' AND event_name IN ('RunInstances', 'RequestSpotInstances')
  AND coalesce(error_code, '') NOT LIKE '%DryRun%'
  AND (
    regexp_matches(
        coalesce(json_extract_string(request_parameters, '$.instanceType'), ''),
        '^(p[0-9]|g[3-9]|gr[0-9]|trn|inf|dl[0-9]|f[0-9]|vt[0-9]|u-|x[12])')
    OR regexp_matches(
        coalesce(json_extract_string(request_parameters, '$.instanceType'), ''), '\.(24|32|48|56|96|112)xlarge$')
    OR regexp_matches(replace(request_parameters, ' ', ''), '"minCount":([2-9][0-9]|[1-9][0-9]{2})[,}]')
  )
