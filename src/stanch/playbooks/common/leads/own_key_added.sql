-- A further key or password for oneself, from a network where one has never been.
SELECT a.event_id
FROM acts a JOIN grants g ON g.event_id = a.event_id
WHERE g.kind = 'credential' AND g.own AND a.elsewhere AND a.seasoned
