-- Many people stand behind the exit of a VPN, a content network or a carrier's translation; five principals that
-- called from it on several days in the month before say the same.
WITH shared AS (
    SELECT c.ip FROM case_addresses c JOIN events e ON e.source_ip = c.ip
    WHERE c.label = 'foreign' AND e.error_code IS NULL AND e.access_key_id IS NOT NULL
      AND e.event_time >= $since - INTERVAL 30 DAY AND e.event_time < $since
    GROUP BY c.ip
    HAVING count(DISTINCT e.principal_arn) >= 5 AND count(DISTINCT e.event_date) >= 3
    UNION
    SELECT f.caller_ip
    FROM case_findings f JOIN events e ON e.source_ip = f.caller_ip
    JOIN networks n ON length(n.first_hex) = length(e.source_ip_hex)
        AND e.source_ip_hex BETWEEN n.first_hex AND n.last_hex
    WHERE n.kind = 'vpn' OR n.label LIKE '%CLOUDFRONT%'
)
SELECT
    CASE
        WHEN EXISTS (SELECT 1 FROM shared) THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM case_addresses WHERE label = 'foreign') THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shared) AS n,
    CAST([] AS VARCHAR[]) AS events
