-- What runs somewhere for weeks stays there: its key at a new place, doing there what it never did before. A person's
-- session is not asked: people move.
WITH issued AS (
    SELECT DISTINCT issued_key_id FROM events
    WHERE event_name = 'AssumeRole' AND actor_type = 'AWSService' AND issued_key_id IS NOT NULL
),
moved AS (
    SELECT event_id, event_date, account_id, access_key_id, concat(event_source, ':', event_name) AS api
    FROM acts
    WHERE uprooted AND novel
      AND (access_key_id LIKE 'AKIA%' OR delivered OR access_key_id IN (SELECT issued_key_id FROM issued))
),
telling AS (
    SELECT account_id, access_key_id, event_date FROM moved
    GROUP BY account_id, access_key_id, event_date
    HAVING count(DISTINCT api) >= 3
)
SELECT m.event_id
FROM moved m JOIN telling t ON t.account_id = m.account_id AND t.access_key_id = m.access_key_id AND t.event_date = m.event_date
