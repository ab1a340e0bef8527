-- values: desk, desk, since, until, baseline, since, since, until
WITH case_findings AS (
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
), suspect_times AS (
  SELECT
    CAST(start_time AS TIMESTAMP) AS start_time,
    CAST(end_time AS TIMESTAMP) AS end_time,
    why
  FROM desk_suspect_times
  WHERE
    desk = ?
), users AS (
  SELECT DISTINCT
    d.user_name
  FROM db_audit AS d
  JOIN case_findings AS f
    ON f.is_lead AND f.remote_ip = d.source_ip
  WHERE
    d.error_code IS NULL
    AND d.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), days AS (
  SELECT
    d.user_name,
    d.event_date,
    COUNT(*) AS acts
  FROM db_audit AS d
  JOIN users AS u
    ON u.user_name = d.user_name
  WHERE
    d.event_time >= CAST(? AS TIMESTAMP)
    AND d.event_time < CAST(? AS TIMESTAMP)
    AND NOT EXISTS(
      SELECT
        1
      FROM suspect_times AS s
      WHERE
        d.event_time >= s.start_time AND d.event_time < s.end_time
    )
  GROUP BY
    d.user_name,
    d.event_date
), ranked AS (
  SELECT
    user_name,
    acts,
    COUNT(*) OVER (PARTITION BY user_name) AS of_days,
    ROW_NUMBER() OVER (PARTITION BY user_name ORDER BY acts) AS place
  FROM days
), usual AS (
  SELECT
    user_name,
    COUNT(*) AS days,
    GREATEST(
      5 * AVG(acts) FILTER(WHERE
        2 * place BETWEEN of_days AND of_days + 2),
      MIN(acts) FILTER(WHERE
        10 * place >= 9 * of_days)
    ) AS most
  FROM ranked
  GROUP BY
    user_name
), now AS (
  SELECT
    d.user_name,
    d.event_date,
    COUNT(*) AS acts
  FROM db_audit AS d
  JOIN users AS u
    ON u.user_name = d.user_name
  WHERE
    d.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
  GROUP BY
    d.user_name,
    d.event_date
)
SELECT
  CASE
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN BOOL_OR(u.days >= 5 AND n.acts > GREATEST(50, u.most))
    THEN 'yes'
    WHEN BOOL_AND(COALESCE(u.days, 0) >= 5)
    THEN 'no'
    ELSE 'unknown'
  END AS answer,
  COALESCE(CAST(SUM(n.acts) AS BIGINT), 0) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM now AS n
LEFT JOIN usual AS u
  ON u.user_name = n.user_name
