-- The operator declares groups, not addresses; of a peer whose group is not known nothing is declared. What the host
-- has long talked to needs no declaration.
WITH pairs AS (
    SELECT p.host, p.peer, p.port, count(m.source) AS declared
    FROM admin_pairs p
    LEFT JOIN hosts a ON a.ip = p.host AND a.in_case
    LEFT JOIN hosts b ON b.ip = p.peer
    LEFT JOIN service_map m ON m.source = a.group_id AND m.destination = b.group_id AND coalesce(m.port, p.port) = p.port
    WHERE NOT p.settled
    GROUP BY p.host, p.peer, p.port
)
SELECT
    CASE
        WHEN count(*) = 0 OR NOT EXISTS (SELECT 1 FROM service_map) THEN 'unknown'
        WHEN count(*) FILTER (WHERE declared = 0) = 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE declared > 0) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM pairs
