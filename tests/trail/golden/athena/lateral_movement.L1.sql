-- values: baseline, until, desk, desk, desk, desk, desk, baseline, since, baseline, since, since, until, since, until
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
), profiles AS (
  SELECT
    e.principal_arn,
    COUNT(DISTINCT e.event_date) AS days,
    MIN(e.event_time) AS first_time,
    COUNT(DISTINCT e.event_date) >= 5
    AND MIN(e.event_time) < MIN(p.since) - INTERVAL '14' DAY AS established
  FROM clean_events AS e
  CROSS JOIN period AS p
  GROUP BY
    e.principal_arn
), choices AS (
  WITH acts AS (
    SELECT
      event_date,
      event_time,
      'role' AS kind,
      target_role AS value
    FROM clean_events
    WHERE
      NOT target_role IS NULL AND error_code IS NULL
    UNION ALL
    SELECT
      event_date,
      event_time,
      'deletes in',
      bucket
    FROM clean_events
    WHERE
      NOT bucket IS NULL
      AND event_name IN ('DeleteObject', 'DeleteObjects')
      AND error_code IS NULL
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
), assumed AS (
  SELECT
    e.event_id,
    e.event_time,
    e.principal_arn,
    e.target_role,
    e.access_key_id,
    e.issued_key_id
  FROM events AS e
  CROSS JOIN period AS p
  WHERE
    e.event_name = 'AssumeRole'
    AND NOT e.issued_key_id IS NULL
    AND e.event_time BETWEEN p.since AND p.until
), chain AS (
  WITH one AS (
    SELECT
      e.event_id,
      e.event_time,
      e.principal_arn,
      e.target_role,
      e.issued_key_id
    FROM assumed AS e
    WHERE
      e.access_key_id IN (
        SELECT
          access_key_id
        FROM actor_events
        WHERE
          scope = 'credential' AND NOT access_key_id IS NULL
        UNION
        SELECT
          access_key_id
        FROM case_findings
        WHERE
          NOT access_key_id IS NULL
      )
  ), two AS (
    SELECT
      e.event_id,
      e.event_time,
      e.principal_arn,
      e.target_role,
      e.issued_key_id
    FROM one AS s
    JOIN assumed AS e
      ON e.access_key_id = s.issued_key_id
  ), three AS (
    SELECT
      e.event_id,
      e.event_time,
      e.principal_arn,
      e.target_role,
      e.issued_key_id
    FROM two AS s
    JOIN assumed AS e
      ON e.access_key_id = s.issued_key_id
  ), four AS (
    SELECT
      e.event_id,
      e.event_time,
      e.principal_arn,
      e.target_role,
      e.issued_key_id
    FROM three AS s
    JOIN assumed AS e
      ON e.access_key_id = s.issued_key_id
  ), five AS (
    SELECT
      e.event_id,
      e.event_time,
      e.principal_arn,
      e.target_role,
      e.issued_key_id
    FROM four AS s
    JOIN assumed AS e
      ON e.access_key_id = s.issued_key_id
  ), steps AS (
    SELECT
      *,
      1 AS depth
    FROM one
    UNION ALL
    SELECT
      *,
      2 AS depth
    FROM two
    UNION ALL
    SELECT
      *,
      3 AS depth
    FROM three
    UNION ALL
    SELECT
      *,
      4 AS depth
    FROM four
    UNION ALL
    SELECT
      *,
      5 AS depth
    FROM five
  )
  SELECT
    issued_key_id,
    MIN(event_id) AS event_id,
    MIN(event_time) AS event_time,
    MIN(principal_arn) AS principal_arn,
    MIN(target_role) AS target_role,
    MAX(depth) AS depth
  FROM steps
  GROUP BY
    issued_key_id
), own AS (
  SELECT DISTINCT
    target_role
  FROM principal_events
  WHERE
    event_time >= CAST(? AS TIMESTAMP)
    AND event_time < CAST(? AS TIMESTAMP)
), theirs AS (
  SELECT DISTINCT
    principal_arn,
    target_role
  FROM events
  WHERE
    NOT target_role IS NULL
    AND event_time >= CAST(? AS TIMESTAMP)
    AND event_time < CAST(? AS TIMESTAMP)
), edges AS (
  SELECT
    c.event_id,
    c.event_time,
    c.depth,
    h.settled,
    NOT o.target_role IS NULL OR NOT t.target_role IS NULL AS seen
  FROM chain AS c
  LEFT JOIN choices AS h
    ON h.kind = 'role' AND h.value = c.target_role
  LEFT JOIN own AS o
    ON o.target_role = c.target_role
  LEFT JOIN theirs AS t
    ON t.principal_arn = c.principal_arn AND t.target_role = c.target_role
), shown AS (
  SELECT DISTINCT
    event_id,
    event_time
  FROM edges
  WHERE
    depth >= 3 OR NOT seen
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM actor_events
      WHERE
        scope = 'credential'
        AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    )
    AND EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        is_lead AND NOT instance_id IS NULL AND identity_name IS NULL
    )
    THEN 'no'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM actor_events
      WHERE
        scope = 'credential'
        AND event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM edges
      WHERE
        depth >= 3
    )
    THEN 'yes'
    WHEN EXISTS(
      SELECT
        1
      FROM edges
      WHERE
        NOT seen
    )
    AND EXISTS(
      SELECT
        1
      FROM profiles
      WHERE
        established
    )
    THEN 'yes'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM edges
      WHERE
        depth = 1 AND NOT COALESCE(settled, FALSE)
    )
    THEN 'no'
    ELSE 'unknown'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM shown
  ) AS n,
  JSON_FORMAT(
    CAST((
      SELECT
        SLICE(ARRAY_AGG(event_id ORDER BY event_time, event_id), 1, 20)
      FROM shown
    ) AS JSON)
  ) AS events
