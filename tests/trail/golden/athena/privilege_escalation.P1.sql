-- values: baseline, until, desk, desk, desk, desk, since, until, since, until
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
), privesc_paths AS (
  SELECT
    path,
    steps,
    event_source,
    event_name
  FROM desk_privesc_paths
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
), chain_events AS (
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
  FROM actor_events AS e
  WHERE
    e.scope = 'credential'
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
    e.source_ip_hex
  FROM events AS e
  CROSS JOIN period AS p
  WHERE
    e.access_key_id IN (
      SELECT
        issued_key_id
      FROM actor_events
      WHERE
        scope = 'credential' AND NOT issued_key_id IS NULL
    )
    AND e.event_time >= p.since - INTERVAL '1' HOUR
    AND e.event_time <= p.until + INTERVAL '1' HOUR
    AND NOT e.event_id IN (
      SELECT
        event_id
      FROM actor_events
      WHERE
        scope = 'credential'
    )
), steps AS (
  SELECT DISTINCT
    p.path,
    p.steps,
    p.event_name AS step,
    c.event_id,
    c.event_time
  FROM chain_events AS c
  JOIN privesc_paths AS p
    ON p.event_source = c.event_source AND p.event_name = c.event_name
  WHERE
    c.event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    AND c.error_code IS NULL
    AND p.path <> 'sts-001'
    AND COALESCE(c.principal_arn, '') NOT LIKE 'arn:%:iam::%:role/aws-service-role/%'
), walked AS (
  SELECT
    a.path
  FROM steps AS a
  JOIN steps AS b
    ON b.path = a.path
    AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL '24' HOUR
  GROUP BY
    a.path,
    a.steps,
    a.event_id
  HAVING
    COUNT(DISTINCT b.step) = a.steps
), shown AS (
  SELECT DISTINCT
    event_id,
    event_time
  FROM steps
  WHERE
    path IN (
      SELECT
        path
      FROM walked
    )
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM chain_events
      WHERE
        event_time BETWEEN CAST(? AS TIMESTAMP) AND CAST(? AS TIMESTAMP)
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM shown
    )
    THEN 'yes'
    ELSE 'no'
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
