-- values: desk, desk, desk, desk, desk, desk
WITH case_principals AS (
  SELECT
    arn
  FROM desk_case_principals
  WHERE
    desk = ?
), assets AS (
  SELECT
    arn,
    tier,
    stateful,
    workload,
    data
  FROM desk_assets
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
)
SELECT
  CASE
    WHEN COUNT(*) = 0 OR NOT EXISTS(
      SELECT
        1
      FROM service_map
    )
    THEN 'unknown'
    WHEN COUNT(*) FILTER(WHERE
      NOT declared) = 0
    THEN 'yes'
    WHEN EXISTS(
      SELECT
        1
      FROM assets
      WHERE
        workload IN ('vulnerability-scanner', 'bastion', 'configuration-management')
        AND arn IN (
          SELECT
            arn
          FROM case_principals
        )
    )
    THEN 'unknown'
    ELSE 'no'
  END AS answer,
  COUNT(*) FILTER(WHERE
    declared) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM admin_pairs
WHERE
  NOT settled
