-- The same question in many regions within minutes, from a network that is new to the caller.
WITH asked AS (
    SELECT event_id, event_time, account_id, principal_arn, concat(event_source, ':', event_name) AS api, region
    FROM acts
    WHERE elsewhere AND coalesce(access_key_id, '') <> '' AND region <> ''
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.api, a.minute
    FROM (SELECT DISTINCT account_id, principal_arn, api, date_trunc('minute', event_time) AS minute FROM asked) a
    JOIN asked b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn AND b.api = a.api
        AND b.event_time >= a.minute AND b.event_time < a.minute + INTERVAL 10 MINUTE
    GROUP BY a.account_id, a.principal_arn, a.api, a.minute
    HAVING count(DISTINCT b.region) >= 6
)
SELECT DISTINCT r.event_id
FROM asked r JOIN bursts b ON b.account_id = r.account_id AND b.principal_arn = r.principal_arn AND b.api = r.api
    AND r.event_time >= b.minute AND r.event_time < b.minute + INTERVAL 10 MINUTE
