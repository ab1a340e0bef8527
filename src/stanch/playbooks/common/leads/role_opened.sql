SELECT a.event_id
FROM acts a JOIN grants g ON g.event_id = a.event_id
WHERE g.kind = 'trust' AND g.outsider
