WITH calls AS (
    SELECT e.*
    FROM events e JOIN case_addresses a ON a.ip = e.source_ip AND a.label = 'foreign'
    WHERE e.event_time BETWEEN $since AND $until AND e.error_code IS NULL
),
reached AS (
    SELECT principal_arn AS what FROM calls
    UNION SELECT bucket FROM calls
    UNION SELECT target_role FROM calls
    UNION SELECT json_extract_string(request_parameters, '$.secretId') FROM calls
    UNION SELECT json_extract_string(request_parameters, '$.functionName') FROM calls
    UNION SELECT instance_arn FROM case_findings WHERE remote_ip IS NOT NULL
)
SELECT
    CASE
        WHEN (SELECT count(what) FROM reached) >= 3 THEN 'yes'
        WHEN NOT EXISTS (SELECT 1 FROM calls) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM calls) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM calls) AS events
