SELECT event_id
FROM acts
WHERE event_source = 'ec2.amazonaws.com' AND event_name IN ('CreateTrafficMirrorSession', 'ModifyTrafficMirrorSession')
