-- values: baseline, until, desk, desk, desk, desk, desk, since, until
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
), actor_events AS (
  SELECT
    e.account_id,
    e.event_date,
    e.event_time,
    e.event_id,
    e.event_source,
    e.event_name,
    e.region,
    e.source_ip,
    e.user_agent,
    e.error_code,
    e.error_message,
    e.actor_type,
    e.principal_arn,
    e.session_arn,
    e.principal_id,
    e.access_key_id,
    e.mfa,
    e.read_only,
    e.management_event,
    e.event_type,
    e.event_category,
    e.bytes_out,
    e.bucket,
    e.object_key,
    e.target_role,
    e.issued_key_id,
    e.vpc_endpoint_id,
    e.request_id,
    e.source_object,
    e.user_identity,
    e.request_parameters,
    e.response_elements,
    e.additional_event_data,
    e.resources,
    e.tls_details,
    e.other,
    e.source_ip_hex,
    'credential' AS scope
  FROM events AS e
  JOIN actor_principals AS p
    ON p.principal_arn = e.principal_arn
    AND e.event_time BETWEEN p.first_time AND p.last_time
  WHERE
    e.access_key_id IN (
      SELECT
        access_key_id
      FROM case_findings
      WHERE
        NOT access_key_id IS NULL
    )
    OR e.principal_id IN (
      SELECT
        principal_id
      FROM case_findings
      WHERE
        NOT principal_id IS NULL
    )
    OR (
      NOT JSON_EXTRACT_SCALAR(e.user_identity, '$.sessionContext.ec2RoleDelivery') IS NULL
      AND CONCAT(
        CAST(SPLIT_PART(e.principal_id, ':', 2) AS VARCHAR),
        CAST(' ' AS VARCHAR),
        CAST(SPLIT_PART(e.principal_arn, ':', 5) AS VARCHAR)
      ) IN (
        SELECT
          CONCAT(CAST(instance_id AS VARCHAR), CAST(' ' AS VARCHAR), CAST(account_id AS VARCHAR))
        FROM case_findings
        WHERE
          NOT instance_id IS NULL
      )
    )
  UNION ALL
  SELECT
    e.account_id,
    e.event_date,
    e.event_time,
    e.event_id,
    e.event_source,
    e.event_name,
    e.region,
    e.source_ip,
    e.user_agent,
    e.error_code,
    e.error_message,
    e.actor_type,
    e.principal_arn,
    e.session_arn,
    e.principal_id,
    e.access_key_id,
    e.mfa,
    e.read_only,
    e.management_event,
    e.event_type,
    e.event_category,
    e.bytes_out,
    e.bucket,
    e.object_key,
    e.target_role,
    e.issued_key_id,
    e.vpc_endpoint_id,
    e.request_id,
    e.source_object,
    e.user_identity,
    e.request_parameters,
    e.response_elements,
    e.additional_event_data,
    e.resources,
    e.tls_details,
    e.other,
    e.source_ip_hex,
    'credential' AS scope
  FROM events AS e
  WHERE
    e.principal_arn IS NULL
    AND (
      e.access_key_id IN (
        SELECT
          access_key_id
        FROM case_findings
        WHERE
          NOT access_key_id IS NULL
      )
      OR e.principal_id IN (
        SELECT
          principal_id
        FROM case_findings
        WHERE
          NOT principal_id IS NULL
      )
    )
  UNION ALL
  SELECT
    e.account_id,
    e.event_date,
    e.event_time,
    e.event_id,
    e.event_source,
    e.event_name,
    e.region,
    e.source_ip,
    e.user_agent,
    e.error_code,
    e.error_message,
    e.actor_type,
    e.principal_arn,
    e.session_arn,
    e.principal_id,
    e.access_key_id,
    e.mfa,
    e.read_only,
    e.management_event,
    e.event_type,
    e.event_category,
    e.bytes_out,
    e.bucket,
    e.object_key,
    e.target_role,
    e.issued_key_id,
    e.vpc_endpoint_id,
    e.request_id,
    e.source_object,
    e.user_identity,
    e.request_parameters,
    e.response_elements,
    e.additional_event_data,
    e.resources,
    e.tls_details,
    e.other,
    e.source_ip_hex,
    'address' AS scope
  FROM events AS e
  JOIN (
    SELECT
      ip
    FROM case_addresses
    WHERE
      label = 'foreign'
      AND NOT EXISTS(
        SELECT
          1
        FROM case_findings
        WHERE
          NOT identity_name IS NULL
      )
  ) AS a
    ON e.source_ip = a.ip
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
), callers AS (
  SELECT DISTINCT
    a.network
  FROM case_findings AS f
  JOIN addresses AS a
    ON a.ip = f.caller_ip
  WHERE
    a.label = 'foreign'
), first_use AS (
  SELECT
    MIN(e.event_time) AS time
  FROM actor_events AS e
  JOIN addresses AS a
    ON a.ip = e.source_ip
  JOIN callers AS c
    ON c.network = a.network
  WHERE
    e.scope = 'credential'
    AND e.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
), visits AS (
  SELECT
    f.event_time
  FROM case_flows AS f
  CROSS JOIN first_use AS u
  JOIN callers AS c
    ON c.network = REGEXP_REPLACE(f.peer, '[.][0-9]+$', '.0/24')
  WHERE
    NOT f.outgoing
    AND f.action = 'ACCEPT'
    AND f.bytes > 0
    AND f.source_port > f.destination_port
    AND f.event_time >= u.time - INTERVAL '24' HOUR
    AND f.event_time <= u.time
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM callers
    )
    OR NOT EXISTS(
      SELECT
        1
      FROM case_flows
      WHERE
        recent
    )
    THEN 'unknown'
    WHEN (
      SELECT
        time
      FROM first_use
    ) IS NULL
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM visits
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM visits
  ) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
