-- Sessions that renew themselves: a role takes itself again and again, or two roles take each other.
WITH taken AS (
    SELECT event_id, account_id, event_time, principal_arn AS taker, target_role AS taken_role
    FROM acts
    WHERE event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRole' AND error_code IS NULL
      AND actor_type = 'AssumedRole' AND label = 'foreign' AND target_role IS NOT NULL
),
pairs AS (
    SELECT a.event_id, a.taker, a.taken_role, a.event_time
    FROM taken a JOIN taken b ON b.account_id = a.account_id AND b.taker = a.taken_role AND b.taken_role = a.taker
        AND b.event_time BETWEEN a.event_time - INTERVAL 24 HOUR AND a.event_time + INTERVAL 24 HOUR
        AND b.event_id <> a.event_id
    GROUP BY a.event_id, a.taker, a.taken_role, a.event_time
    HAVING count(*) >= 2
)
SELECT event_id FROM pairs
