-- Of what the principal did not make itself: whoever sets something up gives it its rights as well.
WITH given AS (
    SELECT a.event_id, a.account_id, a.principal_arn, a.event_time, a.event_source, nullif(g.target, '') AS target
    FROM acts a JOIN grants g ON g.event_id = a.event_id
    WHERE (g.kind = 'policy' AND (g.admin OR g.iam))
       OR (g.kind = 'rights' AND NOT g.own AND g.holder IN ('role', 'group') AND (g.admin OR g.iam))
       OR (g.kind = 'group' AND g.own)
    UNION ALL
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        json_extract_string(request_parameters, '$.policyArn') AS target
    FROM acts
    WHERE event_source = 'iam.amazonaws.com' AND event_name = 'SetDefaultPolicyVersion'
)
SELECT a.event_id
FROM given a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
