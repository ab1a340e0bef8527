SELECT event_id
FROM acts
WHERE event_source = 'organizations.amazonaws.com' AND event_name IN ('LeaveOrganization', 'DeleteOrganization')
