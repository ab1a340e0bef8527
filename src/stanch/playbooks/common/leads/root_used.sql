SELECT event_id
FROM acts
WHERE actor_type = 'Root' AND label <> 'service'
  AND event_name NOT LIKE 'List%' AND event_name NOT LIKE 'Describe%' AND event_name NOT LIKE 'Get%'
