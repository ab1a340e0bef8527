-- Agreements for models; models tried by a long-term key from a network that is new to it, or refused one after the other.
WITH tried AS (
    SELECT event_id, event_time, account_id, principal_arn, elsewhere, actor_type, access_key_id, error_code,
        concat(region, ' ', coalesce(json_extract_string(request_parameters, '$.modelId'), '')) AS model
    FROM acts
    WHERE event_source = 'bedrock.amazonaws.com' AND event_name IN (
        'InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream')
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM tried a JOIN tried b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn AND b.error_code IS NOT NULL
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
    WHERE a.error_code IS NOT NULL
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.model) >= 3
)
SELECT event_id
FROM acts
WHERE event_source = 'bedrock.amazonaws.com' AND (
    event_name IN ('PutUseCaseForModelAccess', 'CreateFoundationModelAgreement', 'PutFoundationModelEntitlement')
    OR (elsewhere AND event_name IN ('GetModelInvocationLoggingConfiguration', 'DeleteGuardrail', 'DeleteKnowledgeBase')))
UNION
SELECT event_id FROM tried WHERE elsewhere AND actor_type = 'IAMUser'
UNION
SELECT t.event_id
FROM tried t JOIN bursts b ON b.account_id = t.account_id AND b.principal_arn = t.principal_arn
    AND t.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 1 HOUR
