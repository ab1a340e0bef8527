WITH readings AS (
    SELECT m.value
    FROM metrics m JOIN case_findings f ON f.is_lead AND f.instance_id = m.instance_id
    WHERE m.name = 'CPUUtilization' AND m.time BETWEEN $when - INTERVAL 2 HOUR AND $until
)
SELECT
    CASE
        WHEN count(*) < 12 THEN 'unknown'
        WHEN count(*) FILTER (WHERE value > 90) >= 12 AND min(value) > 50 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE value > 90) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM readings
