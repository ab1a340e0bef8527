WITH shared AS (
    SELECT event_id, account_id, request_parameters, replace(request_parameters, ' ', '') AS asked
    FROM acts
    WHERE error_code IS NULL
      AND event_name IN (
        'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute'
      )
),
named AS (
    SELECT event_id, account_id, unnest(regexp_extract_all(asked, '"([0-9]{12})"', 1)) AS other
    FROM shared
    WHERE contains(asked, '"add":') OR contains(asked, '"valuesToAdd":')
)
SELECT event_id
FROM shared
WHERE (contains(asked, '"add":') AND contains(asked, '"group":"all"'))
   OR (contains(asked, '"valuesToAdd":') AND contains(asked, '"all"'))
UNION
SELECT event_id FROM named WHERE other <> account_id AND other NOT IN (SELECT id FROM known_accounts)
