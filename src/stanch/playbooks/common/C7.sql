-- Independent: known, not to be caused by a stranger, and not made from the same logs as the lead finding.
WITH placed AS (
    SELECT
        id, seen, severity, is_lead, known, outsider,
        CASE split_part(split_part(type, ':', 2), '/', 1)
            WHEN 'IAMUser' THEN 'api'
            WHEN 'IAM' THEN 'api'
            WHEN 'S3' THEN 'api'
            ELSE split_part(split_part(type, ':', 2), '/', 1)
        END AS source
    FROM case_findings
),
others AS (
    SELECT DISTINCT o.id
    FROM placed o JOIN placed l ON l.is_lead AND NOT o.is_lead
    WHERE o.known AND NOT o.outsider AND o.severity >= 4 AND o.source <> l.source
      AND o.seen BETWEEN l.seen - INTERVAL 1 DAY AND l.seen + INTERVAL 1 DAY
)
SELECT
    CASE WHEN count(*) > 0 THEN 'yes' ELSE 'no' END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM others
