-- values: desk
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
), placed AS (
  SELECT
    id,
    seen,
    severity,
    is_lead,
    known,
    outsider,
    CASE SPLIT_PART(SPLIT_PART(type, ':', 2), '/', 1)
      WHEN 'IAMUser'
      THEN 'api'
      WHEN 'IAM'
      THEN 'api'
      WHEN 'S3'
      THEN 'api'
      ELSE SPLIT_PART(SPLIT_PART(type, ':', 2), '/', 1)
    END AS source
  FROM case_findings
), others AS (
  SELECT DISTINCT
    o.id
  FROM placed AS o
  JOIN placed AS l
    ON l.is_lead AND NOT o.is_lead
  WHERE
    o.known
    AND NOT o.outsider
    AND o.severity >= 4
    AND o.source <> l.source
    AND o.seen BETWEEN l.seen - INTERVAL '1' DAY AND l.seen + INTERVAL '1' DAY
)
SELECT
  CASE WHEN COUNT(*) > 0 THEN 'yes' ELSE 'no' END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM others
