WITH launches AS (
    SELECT
        event_id, event_time, region,
        json_extract_string(request_parameters, '$.instanceType') AS size
    FROM events
    WHERE account_id = $account AND event_source = 'ec2.amazonaws.com' AND event_name = 'RunInstances'
      AND error_code IS NULL AND event_time BETWEEN $baseline AND $until
),
odd AS (
    SELECT event_id, event_time
    FROM launches
    WHERE event_time >= $since
      AND (
        (regexp_matches(size, '^(p|g|gr|dl|trn|inf)[0-9]|[.](metal|(12|16|18|24|32|48|56|96|112)xlarge)')
            AND size NOT IN (SELECT size FROM launches WHERE event_time < $since AND size IS NOT NULL))
        OR region NOT IN (
            SELECT region FROM events
            WHERE account_id = $account AND region IS NOT NULL AND management_event
              AND event_time >= $baseline AND event_time < $since)
      )
)
SELECT
    CASE WHEN count(*) > 0 THEN 'yes' ELSE 'no' END AS answer,
    count(*) AS n,
    list(event_id ORDER BY event_time, event_id)[1:20] AS events
FROM odd
