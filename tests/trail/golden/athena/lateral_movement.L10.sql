-- values: baseline, until, desk, desk, desk, desk, desk, desk, desk, desk, desk, since, until
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
), case_principals AS (
  SELECT
    arn
  FROM desk_case_principals
  WHERE
    desk = ?
), pipelines AS (
  SELECT
    role,
    provider,
    subject,
    networks
  FROM desk_pipelines
  WHERE
    desk = ?
), windows AS (
  SELECT
    kind,
    principal,
    CAST(start_time AS TIMESTAMP) AS start_time,
    CAST(end_time AS TIMESTAMP) AS end_time,
    ticket
  FROM desk_windows
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
), service_map AS (
  SELECT
    source,
    destination,
    port
  FROM desk_service_map
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
), principal_events AS (
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
    e.source_ip_hex
  FROM events AS e
  WHERE
    e.principal_arn IN (
      SELECT
        arn
      FROM case_principals
      UNION
      SELECT
        principal_arn
      FROM actor_events
      WHERE
        scope = 'credential'
    )
), clean_events AS (
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
    e.source_ip_hex
  FROM principal_events AS e
  CROSS JOIN period AS p
  WHERE
    e.event_time >= p.baseline
    AND e.event_time < p.since
    AND NOT EXISTS(
      SELECT
        1
      FROM suspect_times AS s
      WHERE
        e.event_time >= s.start_time AND e.event_time < s.end_time
    )
), habits AS (
  WITH acts AS (
    SELECT
      event_date,
      event_time,
      'api' AS kind,
      CONCAT(CAST(event_source AS VARCHAR), CAST(':' AS VARCHAR), CAST(event_name AS VARCHAR)) AS value
    FROM clean_events
    WHERE
      error_code IS NULL
    UNION ALL
    SELECT
      event_date,
      event_time,
      'hour',
      CAST(EXTRACT(HOUR FROM event_time) AS VARCHAR)
    FROM clean_events
  )
  SELECT
    a.kind,
    a.value,
    COUNT(DISTINCT a.event_date) AS days,
    MIN(a.event_time) AS first_time,
    COUNT(*) AS calls,
    COUNT(DISTINCT a.event_date) >= 3
    AND MIN(a.event_time) < MIN(p.since) - INTERVAL '7' DAY AS settled
  FROM acts AS a
  CROSS JOIN period AS p
  GROUP BY
    a.kind,
    a.value
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
), east_west AS (
  SELECT
    *
  FROM case_flows
  WHERE
    peer_hex BETWEEN '0a000000' AND '0affffff'
    AND LENGTH(peer_hex) = 8
    OR peer_hex BETWEEN 'ac100000' AND 'ac1fffff'
    AND LENGTH(peer_hex) = 8
    OR peer_hex BETWEEN 'c0a80000' AND 'c0a8ffff'
    AND LENGTH(peer_hex) = 8
    OR peer_hex BETWEEN '64400000' AND '647fffff'
    AND LENGTH(peer_hex) = 8
    OR LENGTH(peer_hex) = 32
    AND (
      peer_hex LIKE 'fc%' OR peer_hex LIKE 'fd%'
    )
), admin_pairs AS (
  WITH opened AS (
    SELECT DISTINCT
      e.host,
      e.peer,
      e.destination_port AS port,
      e.event_date,
      e.event_time,
      e.recent,
      e.clean,
      NOT b.host IS NULL AS answered
    FROM east_west AS e
    LEFT JOIN east_west AS b
      ON NOT b.outgoing
      AND b.host = e.host
      AND b.peer = e.peer
      AND b.action = 'ACCEPT'
      AND b.bytes > 0
      AND b.source_port = e.destination_port
      AND b.destination_port = e.source_port
    WHERE
      e.outgoing
      AND e.action = 'ACCEPT'
      AND e.bytes > 0
      AND e.destination_port IN (22, 3389, 5985, 5986, 445, 5432, 3306)
  ), alike AS (
    SELECT DISTINCT
      a.ip AS one,
      b.ip AS other
    FROM hosts AS a
    JOIN hosts AS b
      ON b.group_id = a.group_id
    UNION
    SELECT DISTINCT
      peer,
      peer
    FROM opened
  )
  SELECT
    n.host,
    n.peer,
    n.port,
    BOOL_OR(n.answered) AS answered,
    MIN(n.event_time) AS first_time,
    COUNT(DISTINCT h.event_date) AS days,
    COUNT(DISTINCT h.event_date) >= 3
    AND COALESCE(MIN(h.event_time) < MIN(p.since) - INTERVAL '7' DAY, FALSE) AS settled,
    BOOL_OR(NOT m.source IS NULL) AS declared
  FROM opened AS n
  CROSS JOIN period AS p
  LEFT JOIN hosts AS f
    ON f.ip = n.host AND f.in_case
  LEFT JOIN hosts AS t
    ON t.ip = n.peer
  LEFT JOIN service_map AS m
    ON m.source = f.group_id
    AND m.destination = t.group_id
    AND COALESCE(m.port, n.port) = n.port
  LEFT JOIN alike AS s
    ON s.one = n.peer
  LEFT JOIN opened AS h
    ON h.clean AND h.port = n.port AND h.peer = s.other AND h.host = n.host
  WHERE
    n.recent
  GROUP BY
    n.host,
    n.peer,
    n.port
), found AS (
  SELECT
    began,
    seen
  FROM case_findings
  WHERE
    is_lead
), calls AS (
  SELECT
    a.event_time
  FROM actor_events AS a
  CROSS JOIN found AS f
  WHERE
    a.scope = 'credential'
    AND a.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND a.event_time >= f.began - INTERVAL '1' HOUR
    AND (
      a.event_time >= f.began
      OR NOT CONCAT(CAST(a.event_source AS VARCHAR), CAST(':' AS VARCHAR), CAST(a.event_name AS VARCHAR)) IN (
        SELECT
          value
        FROM habits
        WHERE
          kind = 'api' AND settled
      )
    )
  UNION ALL
  SELECT
    first_time
  FROM admin_pairs
  WHERE
    NOT settled
  UNION ALL
  SELECT
    began
  FROM found
  UNION ALL
  SELECT
    seen
  FROM found
)
SELECT
  CASE
    WHEN EXISTS(
      SELECT
        1
      FROM case_principals
      WHERE
        arn IN (
          SELECT
            role
          FROM pipelines
        )
    )
    THEN 'unknown'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM windows
      WHERE
        kind = 'change'
    )
    OR NOT EXISTS(
      SELECT
        1
      FROM calls
    )
    THEN 'unknown'
    WHEN COUNT(*) > 0
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM windows AS w
WHERE
  w.kind = 'change'
  AND COALESCE(w.ticket, '') <> ''
  AND w.principal IN (
    SELECT
      arn
    FROM case_principals
  )
  AND NOT EXISTS(
    SELECT
      1
    FROM calls AS c
    WHERE
      c.event_time < w.start_time OR c.event_time > w.end_time
  )
