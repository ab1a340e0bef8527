-- Rules that put findings aside unseen, and lists of addresses that the detector shall trust.
SELECT event_id
FROM acts
WHERE error_code IS NULL AND (
    (event_source = 'guardduty.amazonaws.com' AND event_name IN ('CreateFilter', 'UpdateFilter')
        AND json_extract_string(request_parameters, '$.action') = 'ARCHIVE')
    OR (event_source = 'guardduty.amazonaws.com' AND event_name IN (
        'CreateIPSet', 'UpdateIPSet', 'DeleteThreatIntelSet', 'DeleteMembers', 'DisassociateMembers'))
    OR (event_source = 'macie2.amazonaws.com' AND event_name = 'CreateFindingsFilter'
        AND json_extract_string(request_parameters, '$.action') = 'ARCHIVE')
    OR (event_source = 'inspector2.amazonaws.com' AND event_name IN ('Disable', 'DisassociateMember'))
    OR (event_source = 'detective.amazonaws.com' AND event_name IN ('DeleteGraph', 'DeleteMembers'))
    OR (event_source = 'guardduty.amazonaws.com' AND event_name = 'ArchiveFindings' AND elsewhere)
  )
