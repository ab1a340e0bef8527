SELECT event_id
FROM acts
WHERE event_source = 'account.amazonaws.com' AND (
    event_name IN ('StartPrimaryEmailUpdate', 'AcceptPrimaryEmailUpdate')
    OR (elsewhere AND event_name IN ('PutAlternateContact', 'DeleteAlternateContact', 'PutContactInformation')))
