-- An instance's session is told by AWS's delivery mark or by its issuer and name; a person's key is one of an IAM user.
WITH hosts AS (
    SELECT event_id, event_time, account_id, principal_id, source_ip
    FROM acts
    WHERE actor_type = 'AssumedRole' AND delivered AND label = 'foreign'
      AND split_part(principal_id, ':', 2) LIKE 'i-%'
),
people AS (
    SELECT account_id, source_ip, event_time FROM acts WHERE actor_type = 'IAMUser' AND label = 'foreign'
)
SELECT DISTINCT h.event_id
FROM hosts h
JOIN people p ON p.source_ip = h.source_ip
    AND p.event_time BETWEEN h.event_time - INTERVAL 24 HOUR AND h.event_time + INTERVAL 24 HOUR
