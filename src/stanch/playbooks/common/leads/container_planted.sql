-- A task or a cluster's rights that reach the host or everything, and images put where the principal made nothing.
WITH pushed AS (
    SELECT event_id, account_id, principal_arn, event_time, event_source,
        nullif(json_extract_string(request_parameters, '$.repositoryName'), '') AS target
    FROM acts
    WHERE elsewhere AND error_code IS NULL AND event_source = 'ecr.amazonaws.com' AND event_name = 'PutImage'
)
SELECT event_id
FROM acts
WHERE elsewhere AND (
    (event_source = 'ecs.amazonaws.com' AND event_name = 'RegisterTaskDefinition' AND (
        regexp_matches(replace(request_parameters, ' ', ''), '"privileged":true|"pidMode":"host"|"sourcePath":"/(var/run/docker.sock|etc|root)?"')))
    OR (event_source = 'eks.amazonaws.com' AND event_name = 'AssociateAccessPolicy'
        AND regexp_matches(json_extract_string(request_parameters, '$.policyArn'), '^arn:aws[a-z-]*:eks::aws:cluster-access-policy/AmazonEKS(Cluster)?AdminPolicy$'))
    OR (event_source = 'eks.amazonaws.com' AND event_name = 'CreateAccessEntry'
        AND contains(request_parameters, 'system:masters')))
UNION
SELECT a.event_id
FROM pushed a
WHERE NOT EXISTS (
    SELECT 1 FROM makings m
    WHERE m.account_id = a.account_id AND m.principal_arn = a.principal_arn AND m.event_source = a.event_source
      AND m.event_time <= a.event_time AND m.name = a.target)
