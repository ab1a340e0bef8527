-- values: desk, desk, desk
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
), case_resources AS (
  SELECT
    kind,
    id
  FROM desk_case_resources
  WHERE
    desk = ?
)
SELECT
  CASE
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_resources
      WHERE
        id LIKE 'arn:%:s3:::%'
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM case_findings
      WHERE
        is_lead AND (
          type LIKE 'Impact:%' OR type LIKE 'AttackSequence:%'
        )
    )
    THEN 'unknown'
    WHEN NOT EXISTS(
      SELECT
        1
      FROM case_resources
      WHERE
        id LIKE 'arn:%:s3:::%'
        AND NOT id IN (
          SELECT
            arn
          FROM assets
          WHERE
            workload = 'public-website' OR data = 'public'
        )
    )
    THEN 'yes'
    ELSE 'no'
  END AS answer,
  (
    SELECT
      COUNT(*)
    FROM case_resources
    WHERE
      id LIKE 'arn:%:s3:::%'
  ) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
