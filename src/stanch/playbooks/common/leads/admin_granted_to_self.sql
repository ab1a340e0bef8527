SELECT a.event_id
FROM acts a JOIN grants g ON g.event_id = a.event_id
WHERE g.own AND g.kind = 'rights' AND (g.admin OR g.iam)
