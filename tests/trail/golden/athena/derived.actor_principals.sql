-- values: baseline, until, desk
WITH events AS (
  SELECT
    *
  FROM stanch.events
  WHERE
    event_date BETWEEN CAST(CAST(? AS TIMESTAMP) AS DATE) AND CAST(CAST(? AS TIMESTAMP) AS DATE)
), case_findings AS (
  SELECT
    id,
    type,
    product,
    account_id,
    region,
    severity,
    CAST(began AS TIMESTAMP) AS began,
    CAST(seen AS TIMESTAMP) AS seen,
    identity_kind,
    identity_name,
    principal_id,
    access_key_id,
    instance_id,
    instance_arn,
    caller_ip,
    remote_account,
    remote_ip,
    direction,
    remote_port,
    blocked,
    is_lead,
    known,
    outsider
  FROM desk_case_findings
  WHERE
    desk = ?
), actor_principals AS (
  SELECT
    a.principal_arn,
    MIN(a.event_time) AS first_time,
    MAX(a.event_time) AS last_time
  FROM (
    SELECT
      e.principal_arn,
      e.event_time
    FROM events AS e
    WHERE
      e.access_key_id IN (
        SELECT
          access_key_id
        FROM case_findings
        WHERE
          NOT access_key_id IS NULL
      )
    UNION ALL
    SELECT
      e.principal_arn,
      e.event_time
    FROM events AS e
    WHERE
      e.principal_id IN (
        SELECT
          principal_id
        FROM case_findings
        WHERE
          NOT principal_id IS NULL
      )
    UNION ALL
    SELECT
      e.principal_arn,
      e.event_time
    FROM events AS e
    JOIN case_findings AS f
      ON f.instance_id = SPLIT_PART(e.principal_id, ':', 2)
      AND f.account_id = SPLIT_PART(e.principal_arn, ':', 5)
  ) AS a
  GROUP BY
    a.principal_arn
)
SELECT
  COUNT(*) AS n
FROM actor_principals
