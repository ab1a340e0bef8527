-- The caller writes his agent: who hides it proves nothing, and who wears one accuses himself a little.
WITH shown AS (
    SELECT DISTINCT event_id, event_time
    FROM actor_events
    WHERE event_time BETWEEN $since AND $until
      AND regexp_matches(
        lower(user_agent),
        'pacu|kali|parrot|pentoo|stratus-red-team|cloudfox|enumerate-iam|scoutsuite|weirdaal|aws_consoler|trufflehog'
        || '|nimbostratus|metasploit|s3scanner|cloudsplaining|barq'
      )
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM actor_events WHERE event_time BETWEEN $since AND $until) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM shown) THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(*) FROM shown) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20] FROM shown) AS events
