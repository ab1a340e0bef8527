SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(type LIKE '%IPCaller.Custom' OR type LIKE '%/TorIPCaller') THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM case_findings
WHERE is_lead
