-- Agreements for models; models tried by a long-term key from a network that is new to it, or refused one after the other.
WITH tried AS (
    SELECT event_id, event_time, account_id, principal_arn, elsewhere, actor_type, access_key_id, error_code,
        concat(region, ' ', coalesce(json_extract_string(request_parameters, '$.modelId'), '')) AS model
    FROM acts
    WHERE event_source = 'bedrock.amazonaws.com' AND event_name IN (
        'InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream')
),
minutes AS (
    SELECT DISTINCT account_id, principal_arn, model, date_trunc('minute', event_time) AS minute
    FROM tried WHERE error_code IS NOT NULL AND error_code NOT LIKE '%Throttl%' AND error_code NOT LIKE '%Unavailable%'
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.minute
    FROM minutes a JOIN minutes b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.minute BETWEEN a.minute AND a.minute + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.minute
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
    AND t.event_time >= b.minute AND t.event_time < b.minute + INTERVAL 61 MINUTE
