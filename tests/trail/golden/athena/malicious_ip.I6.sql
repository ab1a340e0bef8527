-- values: baseline, until, desk, desk, since, since
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
), addresses AS (
  SELECT
    ip,
    label,
    network
  FROM desk_addresses
  WHERE
    desk = ?
), case_addresses AS (
  SELECT
    a.ip,
    a.label,
    a.network
  FROM addresses AS a
  WHERE
    a.ip IN (
      SELECT
        f.caller_ip
      FROM case_findings AS f
    )
    OR a.ip IN (
      SELECT
        f.remote_ip
      FROM case_findings AS f
    )
), shared AS (
  SELECT
    c.ip
  FROM case_addresses AS c
  JOIN events AS e
    ON e.source_ip = c.ip
  WHERE
    c.label = 'foreign'
    AND e.error_code IS NULL
    AND NOT e.access_key_id IS NULL
    AND e.event_time >= CAST(? AS TIMESTAMP) - INTERVAL '30' DAY
    AND e.event_time < CAST(? AS TIMESTAMP)
  GROUP BY
    c.ip
  HAVING
    COUNT(DISTINCT e.principal_arn) >= 5 AND COUNT(DISTINCT e.event_date) >= 3
  UNION
  SELECT
    f.caller_ip
  FROM case_findings AS f
  JOIN events AS e
    ON e.source_ip = f.caller_ip
  JOIN networks AS n
    ON LENGTH(n.first_hex) = LENGTH(e.source_ip_hex)
    AND e.source_ip_hex BETWEEN n.first_hex AND n.last_hex
  WHERE
    n.kind = 'vpn' OR n.label LIKE '%CLOUDFRONT%'
)
SELECT
  CASE
    WHEN EXISTS(
      SELECT
        1
      FROM shared
    )
    THEN 'yes'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_addresses
      WHERE
        label = 'foreign'
    )
    THEN 'unknown'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM shared
  ) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
