-- values: desk, desk, desk, desk
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
), period AS (
  SELECT
    CAST(baseline AS TIMESTAMP) AS baseline,
    CAST(since AS TIMESTAMP) AS since,
    CAST(seen AS TIMESTAMP) AS seen,
    CAST(until AS TIMESTAMP) AS until
  FROM desk_period
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
), hosts AS (
  SELECT
    ip,
    interface_id,
    instance_id,
    group_id,
    in_case
  FROM desk_hosts
  WHERE
    desk = ?
), case_flows AS (
  SELECT DISTINCT
    f.event_time,
    f.event_date,
    h.ip AS host,
    f.source_ip = h.ip AS outgoing,
    f.source_port,
    f.destination_port,
    f.action,
    f.bytes,
    CASE WHEN f.source_ip = h.ip THEN f.destination_ip ELSE f.source_ip END AS peer,
    CASE WHEN f.source_ip = h.ip THEN f.destination_ip_hex ELSE f.source_ip_hex END AS peer_hex,
    f.event_time >= p.since AS recent,
    f.event_time < p.since AND s.start_time IS NULL AS clean
  FROM flows AS f
  JOIN (
    SELECT DISTINCT
      ip,
      interface_id
    FROM hosts
    WHERE
      in_case
  ) AS h
    ON f.interface_id = h.interface_id
    AND (
      f.source_ip = h.ip OR f.destination_ip = h.ip
    )
  CROSS JOIN period AS p
  LEFT JOIN suspect_times AS s
    ON f.event_time >= s.start_time AND f.event_time < s.end_time
  WHERE
    f.event_time >= p.baseline AND f.event_time <= p.until
), back AS (
  SELECT
    c.peer
  FROM case_flows AS c
  WHERE
    c.recent
    AND c.outgoing
    AND c.source_port > c.destination_port
    AND c.peer IN (
      SELECT
        remote_ip
      FROM case_findings
      WHERE
        is_lead
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        is_lead AND NOT remote_ip IS NULL
    )
    OR NOT EXISTS(
      SELECT
        1
      FROM case_flows
      WHERE
        recent
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM back
    )
    THEN 'no'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        is_lead AND COALESCE(direction, '') <> 'INBOUND'
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM case_findings
    WHERE
      is_lead AND direction = 'INBOUND'
  ) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
