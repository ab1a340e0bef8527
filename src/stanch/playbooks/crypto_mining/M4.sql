WITH launches AS (
    SELECT
        event_id, event_time, event_date,
        greatest(coalesce(json_array_length(response_elements, '$.instancesSet.items'), 1), 1) AS instances
    FROM events
    WHERE account_id = $account AND event_source = 'ec2.amazonaws.com' AND event_name = 'RunInstances'
      AND error_code IS NULL AND event_time BETWEEN $baseline AND $until
),
days AS (SELECT event_date, sum(instances) AS instances FROM launches WHERE event_time < $since GROUP BY event_date),
now AS (
    SELECT event_id, event_time, instances FROM launches
    WHERE event_time >= $since AND event_time >= $when - INTERVAL 24 HOUR
)
SELECT
    CASE
        WHEN coalesce(sum(instances), 0) >= 5
         AND coalesce(sum(instances), 0) > coalesce((SELECT max(instances) FROM days), 0) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM now
