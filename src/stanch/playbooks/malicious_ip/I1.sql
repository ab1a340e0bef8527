SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(direction = 'OUTBOUND' AND NOT blocked) THEN 'yes'
        WHEN bool_and(coalesce(direction = 'INBOUND' AND blocked, FALSE)) THEN 'no'
        ELSE 'unknown'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM case_findings
WHERE is_lead AND remote_ip IS NOT NULL
