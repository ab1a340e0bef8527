-- One session of one instance from two networks of strangers, or from its own and from one where its role, which was there
-- before, has never been: it has one way out, and the second is a thief's.
WITH hosts_seen AS (
    SELECT event_id, account_id, access_key_id, network, label, elsewhere, seasoned
    FROM acts
    WHERE delivered AND label <> 'service' AND actor_type = 'AssumedRole' AND coalesce(access_key_id, '') <> ''
),
moved AS (
    SELECT account_id, access_key_id, count(DISTINCT CASE WHEN label = 'foreign' THEN network END) AS strange
    FROM hosts_seen
    GROUP BY account_id, access_key_id
    HAVING count(DISTINCT network) >= 2
)
SELECT h.event_id
FROM hosts_seen h JOIN moved m ON m.account_id = h.account_id AND m.access_key_id = h.access_key_id
WHERE h.elsewhere AND (m.strange >= 2 OR h.seasoned)
